// The grammar of --arg, and how arguments are fitted to a kernel's parameters.
#include "heddle/argument.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "heddle/usage_error.h"

namespace heddle::tool {
namespace {

Parameter scalar(DType type, const std::string& name = "n") {
    Parameter parameter;
    parameter.name = name;
    parameter.type = type;
    parameter.bytes = size_of(type);
    return parameter;
}

Parameter pointer(std::optional<DType> type, const std::string& name = "x") {
    Parameter parameter;
    parameter.name = name;
    parameter.kind = ParameterKind::pointer;
    parameter.type = type;
    parameter.bytes = 8;
    return parameter;
}

template <class T>
T value_of(const std::vector<std::byte>& bytes) {
    T value{};
    EXPECT_EQ(bytes.size(), sizeof value);
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    return value;
}

/// The message of the UsageError that binding throws, or "accepted".
std::string refusal(const std::string& text, const Parameter& parameter) {
    try {
        bind_argument(parse_argument(text), parameter, 3);
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

std::string grammar_refusal(const std::string& text) {
    try {
        parse_argument(text);
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Argument, NumbersTakeTheParametersType) {
    const auto bytes = [](const char* text, DType type) { return parse_scalar(text, type, "n"); };
    EXPECT_EQ(value_of<std::int32_t>(bytes("-3", DType::i32)), -3);
    EXPECT_EQ(value_of<std::int32_t>(bytes("+7", DType::i32)), 7);
    EXPECT_EQ(value_of<std::uint32_t>(bytes("0xffffffff", DType::u32)), 0xffffffffu);
    EXPECT_EQ(value_of<std::int8_t>(bytes("-128", DType::i8)), -128);
    EXPECT_EQ(value_of<std::int64_t>(bytes("-9223372036854775808", DType::i64)),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(value_of<std::uint64_t>(bytes("18446744073709551615", DType::u64)), ~std::uint64_t{0});
    EXPECT_EQ(value_of<float>(bytes("2.5", DType::f32)), 2.5f);
    EXPECT_EQ(value_of<float>(bytes("-1e-3", DType::f32)), -1e-3f);
    EXPECT_EQ(value_of<float>(bytes("1e-46", DType::f32)), 0.0f);
    EXPECT_EQ(value_of<double>(bytes("0.1", DType::f64)), 0.1);
    EXPECT_EQ(value_of<double>(bytes("-inf", DType::f64)), -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(value_of<float>(bytes("nan", DType::f32))));
    EXPECT_EQ(value_of<std::uint16_t>(bytes("1.5", DType::f16)), 0x3e00);
    EXPECT_EQ(value_of<std::uint16_t>(bytes("1.5", DType::bf16)), 0x3fc0);
}

TEST(Argument, NumbersThatDoNotFitAreRefusedByName) {
    EXPECT_EQ(refusal("2.5", scalar(DType::i32)), "argument 4 ('n') is i32, but '2.5' is not an integer");
    EXPECT_EQ(refusal("1e6", scalar(DType::i32)), "argument 4 ('n') is i32, but '1e6' is not an integer");
    EXPECT_NE(refusal("-1", scalar(DType::u8)).find("out of its range, 0 to 255"), std::string::npos);
    EXPECT_NE(refusal("2147483648", scalar(DType::i32)).find("out of its range"), std::string::npos);
    EXPECT_NE(refusal("99999999999999999999", scalar(DType::u64)).find("out of its range"),
              std::string::npos);
    EXPECT_NE(refusal("1e39", scalar(DType::f32)).find("larger than the largest"), std::string::npos);
    EXPECT_NE(refusal("70000", scalar(DType::f16)).find("larger than the largest"), std::string::npos);
    EXPECT_EQ(refusal("inf", scalar(DType::f16)), "accepted");
}

TEST(Argument, BufferGrammar) {
    const ArgumentSpec spec = parse_argument("rand:f32:480x640x3:42");
    const auto& generated = std::get<GeneratedSpec>(spec.form);
    EXPECT_EQ(generated.fill, GeneratedSpec::Fill::random);
    EXPECT_EQ(generated.type, DType::f32);
    EXPECT_EQ(generated.shape, (Shape{480, 640, 3}));
    EXPECT_EQ(generated.seed, 42u);
    EXPECT_EQ(std::get<ScratchSpec>(parse_argument("local:1024").form).bytes, 1024u);
    EXPECT_EQ(std::get<FileSpec>(parse_argument("a b/x.NPY").form).path, "a b/x.NPY");
    EXPECT_EQ(std::get<BytesSpec>(parse_argument("bytes:00fF").form).value,
              (std::vector<std::byte>{std::byte{0}, std::byte{0xff}}));
    EXPECT_TRUE(std::holds_alternative<NullSpec>(parse_argument("null").form));
}

TEST(Argument, BadGrammarIsRefusedWithAdvice) {
    for (const char* text : {"", "abc", " 3", "3 ", "1.2.3", "zeros", "x.txt"})
        EXPECT_NE(grammar_refusal(text).find("none of the forms"), std::string::npos) << text;
    EXPECT_NE(grammar_refusal("zeros:f32").find("zeros:TYPE:SHAPE"), std::string::npos);
    EXPECT_NE(grammar_refusal("zeros:f32:4:1").find("zeros:TYPE:SHAPE"), std::string::npos);
    EXPECT_NE(grammar_refusal("zeros:float:4").find("types are i8 u8"), std::string::npos);
    for (const char* text :
         {"zeros:f32:0", "zeros:f32:", "zeros:f32:-4", "zeros:f32:4x", "zeros:f32:4*4", "iota:i8:x"})
        EXPECT_NE(grammar_refusal(text).find("no shape"), std::string::npos) << text;
    EXPECT_NE(grammar_refusal("rand:f32:4:-1").find("no seed"), std::string::npos);
    EXPECT_NE(grammar_refusal("zeros:f64:9223372036854775807").find("more memory"), std::string::npos);
    EXPECT_NE(grammar_refusal("zeros:u8:4294967296x4294967296").find("more memory"), std::string::npos);
    EXPECT_NE(grammar_refusal("local:0").find("number of bytes"), std::string::npos);
    EXPECT_NE(grammar_refusal("bytes:0").find("hexadecimal"), std::string::npos);
    EXPECT_NE(grammar_refusal("bytes:0g").find("hexadecimal"), std::string::npos);
}

TEST(Argument, KindsMustMatch) {
    EXPECT_NE(refusal("3", pointer(DType::f32)).find("is a buffer (f32* x), but --arg 3 gives a number"),
              std::string::npos);
    EXPECT_NE(refusal("zeros:f32:4", scalar(DType::f32)).find("gives a buffer"), std::string::npos);
    EXPECT_NE(refusal("local:4", scalar(DType::f32)).find("scratch"), std::string::npos);
    EXPECT_NE(refusal("null", scalar(DType::f32)).find("null pointer"), std::string::npos);
    EXPECT_NE(refusal("zeros:f64:4", pointer(DType::f32)).find("points to f32"), std::string::npos);
    EXPECT_NE(refusal("zeros:i32:4", pointer(DType::f32)).find("points to f32"), std::string::npos);
    EXPECT_EQ(refusal("zeros:u32:4", pointer(DType::i32)), "accepted");
    EXPECT_EQ(refusal("zeros:u8:16", pointer(DType::f32)), "accepted");
    EXPECT_EQ(refusal("zeros:f32:4", pointer(std::nullopt)), "accepted");
    EXPECT_NE(refusal("absent.npy", pointer(DType::f32)).find("does not exist"), std::string::npos);
    EXPECT_NE(refusal("/", pointer(DType::f32)).find("none of the forms"), std::string::npos);

    Parameter structure;
    structure.name = "p";
    structure.kind = ParameterKind::structure;
    structure.bytes = 4;
    EXPECT_EQ(refusal("bytes:00112233", structure), "accepted");
    EXPECT_NE(refusal("bytes:001122", structure).find("is 4 bytes"), std::string::npos);
    EXPECT_NE(refusal("7", structure).find("a structure"), std::string::npos);
}

TEST(Argument, TheirNumberIsCheckedAgainstTheSignature) {
    KernelInfo kernel;
    kernel.name = "saxpy";
    kernel.parameters = {scalar(DType::f32, "a"), pointer(DType::f32, "x"), scalar(DType::i32, "n")};
    EXPECT_EQ(signature(kernel), "saxpy(f32 a, f32* x, i32 n)");
    try {
        bind_arguments({parse_argument("1")}, kernel);
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(),
                     "kernel saxpy(f32 a, f32* x, i32 n) takes 3 arguments, but 1 --arg was given; missing: "
                     "f32* x, i32 n");
    }
}

TEST(Argument, BuffersAreFilledOnFirstUse) {
    BoundArgument iota = bind_argument(parse_argument("iota:i32:2x2"), pointer(DType::i32), 0);
    EXPECT_EQ(iota.bytes(), 16u);
    EXPECT_EQ(iota.label(), "x");
    EXPECT_EQ(iota.host().as<std::int32_t>()[3], 3);
    // A request far beyond any memory costs nothing until it is used.
    const BoundArgument huge =
        bind_argument(parse_argument("zeros:u8:10000000000000"), pointer(DType::u8), 0);
    EXPECT_EQ(huge.bytes(), 10000000000000u);
    EXPECT_TRUE(huge.is_zeros());
}

}  // namespace
}  // namespace heddle::tool
