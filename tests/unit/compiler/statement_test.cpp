// Structured source text: loops and branches as a person writes them, declarations where they belong.
#include "compiler/targets/source/statement.h"

#include <gtest/gtest.h>

namespace heddle::compiler {
namespace {

using Kind = Statement::Kind;

std::string tidied(StatementList list, const Variables& variables = {}) {
    tidy(list, "active");
    declare(list, variables);
    return print(list, 0);
}

Statement leave(const std::string& condition, const std::string& opposite) {
    return Statement::branch(condition, opposite, {Statement::line("break;")});
}

TEST(Statements, ALoopWithItsTestFirstIsAFor) {
    StatementList body{leave("i >= n", "i < n"), Statement::assignment("sum", "sum + x[i]"),
                       Statement::assignment("i", "i + 1")};
    StatementList list{Statement::assignment("sum", "0"), Statement::assignment("i", "0"),
                       Statement::loop(Kind::forever, {}, body), Statement::assignment("y[0]", "sum")};
    EXPECT_EQ(tidied(list, {{"i", {"int", {}, true, {}}}, {"sum", {"int", {}, true, {}}}}),
              "int sum = 0;\n"
              "for (int i = 0; i < n; i += 1) {\n"
              "    sum += x[i];\n"
              "}\n"
              "y[0] = sum;\n");
}

TEST(Statements, ALoopWithItsTestLastIsADo) {
    StatementList body{Statement::assignment("i", "i * 2"), leave("i > n", "i <= n")};
    EXPECT_EQ(tidied({Statement::loop(Kind::forever, {}, body)}), "do {\n    i *= 2;\n} while (i <= n);\n");
}

TEST(Statements, WhatTheOnlyWayOutDoesLastStandsBehindTheLoop) {
    const Statement out =
        Statement::branch("i > n", "i <= n", {Statement::assignment("last", "i"), Statement::line("break;")});
    StatementList body{Statement::assignment("i", "i * 2"), out};
    EXPECT_EQ(tidied({Statement::loop(Kind::forever, {}, body)}),
              "do {\n    i *= 2;\n} while (i <= n);\nlast = i;\n");
    body = {out, Statement::assignment("i", "i * 2")};
    EXPECT_EQ(tidied({Statement::loop(Kind::forever, {}, body)}),
              "while (i <= n) {\n    i *= 2;\n}\nlast = i;\n");
    // With a further way out it stays.
    body = {Statement::assignment("i", "i * 2"), leave("i == 7", "i != 7"), out};
    EXPECT_EQ(tidied({Statement::loop(Kind::forever, {}, body)}),
              "while (true) {\n    i *= 2;\n    if (i == 7) {\n        break;\n    }\n    if (i > n) {\n"
              "        last = i;\n        break;\n    }\n}\n");
}

TEST(Statements, ALoopWithContinueKeepsItsTest) {
    StatementList body{Statement::branch("a", "!a", {Statement::line("continue;")}), Statement::line("f();"),
                       leave("b", "!b")};
    EXPECT_EQ(tidied({Statement::loop(Kind::forever, {}, body)}),
              "while (true) {\n    if (a) {\n        continue;\n    }\n    f();\n    if (b) {\n        "
              "break;\n    }\n}\n");
}

TEST(Statements, VariablesAreDeclaredInTheInnermostBlock) {
    StatementList inner{Statement::assignment("t", "x[0]"), Statement::line("x[1] = t;")};
    StatementList list{Statement::branch("c", "!c", inner)};
    EXPECT_EQ(tidied(list, {{"t", {"float", {}, false, {}}}}),
              "if (c) {\n    float t = x[0];\n    x[1] = t;\n}\n");
    // Assigned on both sides: in front of them.
    list = {
        Statement::branch("c", "!c", {Statement::assignment("t", "1")}, {Statement::assignment("t", "2")}),
        Statement::line("x[1] = t;")};
    EXPECT_EQ(tidied(list, {{"t", {"float", {}, false, {}}}}).substr(0, 9), "float t;\n");
}

TEST(Statements, EmptySidesAreTurnedAround) {
    EXPECT_EQ(tidied({Statement::branch("a < b", "a >= b", {}, {Statement::line("f();")})}),
              "if (a >= b) {\n    f();\n}\n");
}

TEST(Statements, NeighboursUnderOneMaskAreJoined) {
    EXPECT_EQ(tidied({Statement::branch("active", "!active", {Statement::line("f();")}),
                      Statement::branch("active", "!active", {Statement::line("g();")})}),
              "if (active) {\n    f();\n    g();\n}\n");
    EXPECT_EQ(tidied({Statement::branch("active", "!active", {Statement::assignment("active", "false")}),
                      Statement::branch("active", "!active", {Statement::line("g();")})}),
              "if (active) {\n    active = false;\n}\nif (active) {\n    g();\n}\n");
}

TEST(Statements, ShortFormsKeepTheMeaning) {
    EXPECT_EQ(tidied({Statement::assignment("x", "x - a - b")}), "x = x - a - b;\n");
    EXPECT_EQ(tidied({Statement::assignment("x", "x * a + b")}), "x = x * a + b;\n");
    EXPECT_EQ(tidied({Statement::assignment("x", "x + a * b")}), "x += a * b;\n");
    EXPECT_EQ(tidied({Statement::assignment("x", "a + x")}), "x += a;\n");
    EXPECT_EQ(tidied({Statement::assignment("x", "a - b + x")}), "x = a - b + x;\n");
}

TEST(Statements, NamesAreFoundAsWords) {
    EXPECT_TRUE(mentions("a + i * 2", "i"));
    EXPECT_FALSE(mentions("width + s.i", "i"));
    EXPECT_FALSE(mentions("ii + i2", "i"));
}

}  // namespace
}  // namespace heddle::compiler
