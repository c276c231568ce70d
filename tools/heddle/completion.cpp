// `heddle completion bash|zsh`: a completion script made from the command line itself, so that it never lags
// behind.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "subcommands.h"

namespace heddle::tool {

namespace {

/// What may follow an option; empty means a file.
std::string_view values_of(std::string_view option) {
    static constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"--device", "best gpu all cpu scalar cuda vulkan opencl webgpu"},
        {"--emit", "ir simd scalar"},
        {"--targets", "all simd scalar ir"},
        {"--std", "c++11 c++14 c++17 c++20 c++23"},
        {"--arg", "zeros: iota: rand: local: bytes: null"}};
    for (const auto& [name, values] : known)
        if (name == option) return values;
    return {};
}

struct Command {
    std::string name, description;
    struct Option {
        std::vector<std::string> names;  ///< "--kernel", "-k"
        std::string description;
        bool takes_value = false;
    };
    std::vector<Option> options;
};

std::vector<Command> commands_of(const CLI::App& app) {
    std::vector<Command> commands;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        Command command{sub->get_name(), sub->get_description(), {}};
        for (const CLI::Option* option : sub->get_options()) {
            if (option->nonpositional() == false) continue;
            Command::Option entry;
            for (const std::string& name : option->get_lnames()) entry.names.push_back("--" + name);
            for (const std::string& name : option->get_snames()) entry.names.push_back("-" + name);
            entry.description = option->get_description();
            entry.takes_value = option->get_items_expected_max() > 0;
            command.options.push_back(std::move(entry));
        }
        commands.push_back(std::move(command));
    }
    return commands;
}

std::string bash_script(const std::vector<Command>& commands) {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const Command& command : commands) names.push_back(command.name);
    std::string script = fmt::format(
        "# bash completion for heddle; load it with: source <(heddle completion bash)\n"
        "_heddle() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options=\n"
        "    COMPREPLY=()\n"
        "    if ((COMP_CWORD == 1)); then\n"
        "        COMPREPLY=($(compgen -W '{} --help --version' -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    case ${{COMP_WORDS[1]}} in\n",
        fmt::join(names, " "));
    std::vector<std::string> valued;
    for (const Command& command : commands) {
        std::string options;
        for (const Command::Option& option : command.options) {
            for (const std::string& name : option.names) options += (options.empty() ? "" : " ") + name;
            if (!option.takes_value || values_of(option.names[0]).empty()) continue;
            const std::string arm = fmt::format("        {}) COMPREPLY=($(compgen -W '{}' -- \"$word\"));",
                                                fmt::join(option.names, "|"), values_of(option.names[0]));
            if (std::find(valued.begin(), valued.end(), arm) == valued.end()) valued.push_back(arm);
        }
        if (command.name == "completion") options.insert(0, "bash zsh ");
        script += fmt::format("        {}) options='{}' ;;\n", command.name, options);
    }
    script += "    esac\n    case $before in\n";
    for (const std::string& arm : valued) script += arm + " return ;;\n";
    script +=
        "    esac\n"
        "    if [[ $word == -* || ${COMP_WORDS[1]} == completion ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
        "    else\n"
        "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
        "    fi\n"
        "}\n"
        "complete -o filenames -F _heddle heddle\n";
    return script;
}

/// For a zsh _arguments specification: its own brackets and quotes are taken out.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']')
            out += std::string("\\") + c;
        else if (c == '\'')
            out += "'\\''";
        else if (c == ':')
            out += "\\:";
        else
            out += c;
    }
    return out;
}

std::string zsh_script(const std::vector<Command>& commands) {
    std::string script =
        "#compdef heddle\n"
        "# zsh completion for heddle; load it with: source <(heddle completion zsh)\n"
        "_heddle() {\n"
        "    if ((CURRENT == 2)); then\n"
        "        local -a commands=(\n";
    for (const Command& command : commands)
        script += fmt::format("            '{}:{}'\n", command.name, zsh_text(command.description));
    script +=
        "        )\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    local command=$words[2]\n"
        "    shift words\n"
        "    ((CURRENT--))\n"
        "    case $command in\n";
    for (const Command& command : commands) {
        script += fmt::format("    {})\n        _arguments", command.name);
        for (const Command::Option& option : command.options) {
            for (const std::string& name : option.names) {
                const std::string_view values = values_of(option.names[0]);
                const std::string value = !option.takes_value ? ""
                                          : values.empty()    ? ":value:_files"
                                                              : fmt::format(":value:({})", zsh_text(values));
                script +=
                    fmt::format(" \\\n            '*{}[{}]{}'", name, zsh_text(option.description), value);
            }
        }
        script += command.name == "completion" ? " \\\n            '1:shell:(bash zsh)' ;;\n"
                                               : " \\\n            '*:file:_files' ;;\n";
    }
    script +=
        "    esac\n"
        "}\n"
        "if [[ $funcstack[1] == _heddle ]]; then _heddle \"$@\"; else compdef _heddle heddle; fi\n";
    return script;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("completion", "Print a shell's completion script");
    auto shell = std::make_shared<std::string>();
    command->add_option("SHELL", *shell, "bash or zsh")
        ->required()
        ->type_name("")
        ->check(CLI::IsMember({"bash", "zsh"}));
    command->footer("Example:\n  source <(heddle completion bash)");
    command->callback([&app, &context, shell] {
        context.start("completion");
        const std::vector<Command> commands = commands_of(app);
        context.print(*shell == "bash" ? bash_script(commands) : zsh_script(commands));
    });
}

}  // namespace heddle::tool
