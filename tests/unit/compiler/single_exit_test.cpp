// Loops that are left at their head alone: what becomes of breaks, continues and conditions elsewhere.
#include "compiler/targets/source/single_exit.h"

#include <gtest/gtest.h>

#include <string>

namespace heddle::compiler {
namespace {

using Kind = Statement::Kind;

std::string printed(StatementList list) {
    unsigned number = 0;
    leave_loops_at_their_head(list, [&](const std::string& wish) { return wish + std::to_string(++number); });
    return print(list, 0);
}

TEST(SingleExit, PlainWhileStays) {
    EXPECT_EQ(printed({Statement::loop(Kind::while_, "x", {Statement::line("f();")})}),
              "while (x) {\n    f();\n}\n");
}

TEST(SingleExit, ConditionsAtTheEndAreKeptForTheHead) {
    EXPECT_EQ(printed({Statement::loop(Kind::do_while, "x", {Statement::line("f();")})}),
              "bool again1 = true;\nwhile (again1) {\n    f();\n    again1 = x;\n}\n");
}

TEST(SingleExit, WhatFollowsABreakIsSkipped) {
    EXPECT_EQ(printed({Statement::loop(
                  Kind::forever, "",
                  {Statement::branch("x", "!x", {Statement::line("f();"), Statement::line("break;")}),
                   Statement::line("g();")})}),
              "bool again1 = true;\n"
              "while (again1) {\n"
              "    if (x) {\n"
              "        f();\n"
              "        again1 = false;\n"
              "    }\n"
              "    if (again1) {\n"
              "        g();\n"
              "    }\n"
              "}\n");
}

TEST(SingleExit, ContinueSkipsToTheStep) {
    Statement loop = Statement::loop(
        Kind::for_, "i < 4",
        {Statement::branch("x", "!x", {Statement::line("continue;")}), Statement::line("g();")});
    loop.start = "int i = 0";
    loop.step = "i++";
    EXPECT_EQ(printed({loop}),
              "int i = 0;\n"
              "bool again2 = true;\n"
              "while (again2) {\n"
              "    if (i < 4) {\n"
              "        bool runs1 = true;\n"
              "        if (x) {\n"
              "            runs1 = false;\n"
              "        }\n"
              "        if (runs1) {\n"
              "            g();\n"
              "        }\n"
              "        i++;\n"
              "    } else {\n"
              "        again2 = false;\n"
              "    }\n"
              "}\n");
}

TEST(SingleExit, BreaksOfInnerLoopsAreTheirOwn) {
    const std::string text = printed({Statement::loop(
        Kind::while_, "x",
        {Statement::loop(Kind::forever, "", {Statement::line("break;")}), Statement::line("g();")})});
    EXPECT_EQ(text,
              "while (x) {\n    bool again1 = true;\n    while (again1) {\n        again1 = false;\n    }\n  "
              "  g();\n}\n");
}

}  // namespace
}  // namespace heddle::compiler
