// Structured source text as a tree: statements, branches and loops, made by an emitter, tidied to what a
// person would write, and printed. Knows C's statement syntax and nothing of LLVM.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::compiler {

struct Statement;
using StatementList = std::vector<Statement>;

struct Statement {
    enum class Kind {
        line,      ///< `text`, complete with its semicolon
        branch,    ///< if (text) body else otherwise
        forever,   ///< while (true) body
        while_,    ///< while (text) body
        do_while,  ///< do body while (text)
        for_,      ///< for (start; text; step) body
    };
    Kind kind = Kind::line;
    std::string text;
    std::string opposite;  ///< branch: the condition negated
    std::string assigned;  ///< line: the variable that it gives a value, as "name = value;"
    std::string start, step;
    StatementList body, otherwise;
    bool is_barrier = false;  ///< line: all threads of the block meet here

    static Statement line(std::string text) { return {Kind::line, std::move(text), {}, {}, {}, {}, {}, {}}; }
    static Statement assignment(const std::string& name, const std::string& value) {
        return {Kind::line, name + " = " + value + ";", {}, name, {}, {}, {}, {}};
    }
    static Statement branch(std::string condition, std::string opposite, StatementList body,
                            StatementList otherwise = {}) {
        return {Kind::branch, std::move(condition), std::move(opposite), {}, {},
                {},           std::move(body),      std::move(otherwise)};
    }
    static Statement loop(Kind kind, std::string condition, StatementList body) {
        return {kind, std::move(condition), {}, {}, {}, {}, std::move(body), {}};
    }
};

/// A variable whose declaration has no place yet.
struct Variable {
    std::string type;         ///< in front of the name: "int", "global float*"
    std::string suffix;       ///< behind it: "[8]"
    bool is_carried = false;  ///< keeps its value from one iteration of a loop to the next
    std::string initial;      ///< what it must hold where nothing has been assigned; empty: nothing
};
using Variables = std::map<std::string, Variable, std::less<>>;

/// Puts `text` into parentheses unless it is one operand already.
std::string parenthesized(const std::string& text);
/// Whether the identifier `name` stands in `text`.
bool mentions(std::string_view text, std::string_view name);
/// Whether a statement of `list` gives the variable `name` a value.
bool assigns(const StatementList& list, std::string_view name);

/// Loops with a condition at their beginning or end become while, do-while and for; branches whose body is
/// empty are turned around; neighbouring branches on `mask` are joined.
void tidy(StatementList& list, std::string_view mask);
/// Declares every variable in the innermost block that holds all that mentions it, at its first assignment
/// where that can be.
void declare(StatementList& list, const Variables& variables);
std::string print(const StatementList& list, unsigned depth);

}  // namespace heddle::compiler
