// Build tool: precompiles heddle/language.h for the usual language options. In: a folder. Out, in that
// folder: one .pch a combination, and precompiled_headers.cpp, which holds them as data of
// libheddle-compiler.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include "frontend/precompiled.h"

namespace {

/// An assembler's .incbin needs no compiler time, however large the file.
std::string definition(const std::filesystem::path& file, const std::string& symbol) {
    return "__asm__(\".section .rodata\\n\"\n        \".balign 16\\n" + symbol + ":\\n.incbin \\\"" +
           file.string() + "\\\"\\n" + symbol + "_end:\\n\"\n        \".previous\\n\");\n" +
           "extern \"C\" __attribute__((visibility(\"hidden\"))) const char " + symbol + "[], " + symbol +
           "_end[];\n";
}

void write(const std::filesystem::path& path, const std::string& contents) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    stream.close();
    if (!stream) throw std::runtime_error("cannot write " + path.string());
}

void precompile(const std::filesystem::path& folder) {
    std::string data, table;
    for (const char* standard : {"c++17", "c++20"})
        for (const bool fast_math : {false, true}) {
            const std::string symbol =
                "heddle_precompiled_" + std::string(standard).substr(3) + (fast_math ? "_fast" : "");
            const std::filesystem::path file = folder / (symbol + ".pch");
            heddle::compiler::precompile_header(standard, fast_math, file.string());
            data += definition(file, symbol);
            table += "        {\"" + std::string(standard) + "\", " + (fast_math ? "true" : "false") + ", {" +
                     symbol + ", static_cast<std::size_t>(" + symbol + "_end - " + symbol + ")}},\n";
        }
    write(folder / "precompiled_headers.cpp",
          "// Made by heddle-precompile.\n#include \"frontend/precompiled.h\"\n\n" + data +
              "\nnamespace heddle::compiler {\n\nstd::span<const PrecompiledHeader> precompiled_headers() {\n"
              "    static const PrecompiledHeader headers[] = {\n" +
              table + "    };\n    return headers;\n}\n\n}  // namespace heddle::compiler\n");
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: heddle-precompile FOLDER\n", stderr);
        return 2;
    }
    try {
        precompile(std::filesystem::absolute(arguments[1]));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "heddle-precompile: %s\n", error.what());
        return 1;
    }
}
