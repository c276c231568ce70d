// Tidying, declaring and printing of structured source text.
#include "statement.h"

#include <algorithm>
#include <cctype>

namespace heddle::compiler {
namespace {

using Kind = Statement::Kind;

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_jump(const Statement& statement, const char* text) {
    return statement.kind == Kind::line && statement.text == text;
}

bool mentions(const StatementList& list, std::string_view name);

bool mentions(const Statement& statement, std::string_view name) {
    return compiler::mentions(statement.text, name) || compiler::mentions(statement.start, name) ||
           compiler::mentions(statement.step, name) || mentions(statement.body, name) ||
           mentions(statement.otherwise, name);
}

bool mentions(const StatementList& list, std::string_view name) {
    return std::any_of(list.begin(), list.end(), [&](const Statement& s) { return mentions(s, name); });
}

// Whether a `continue` of the loop itself stands in `list`.
bool continues(const StatementList& list) {
    return std::any_of(list.begin(), list.end(), [](const Statement& s) {
        if (is_jump(s, "continue;")) return true;
        return s.kind == Kind::branch && (continues(s.body) || continues(s.otherwise));
    });
}

// Whether control never falls off the end of `list`.
bool always_leaves(const StatementList& list) {
    if (list.empty()) return false;
    const Statement& last = list.back();
    if (is_jump(last, "break;") || is_jump(last, "continue;") || is_jump(last, "return;")) return true;
    return last.kind == Kind::branch && always_leaves(last.body) && always_leaves(last.otherwise);
}

// Whether a `break` of the loop itself stands in `list`.
bool breaks(const StatementList& list) {
    return std::any_of(list.begin(), list.end(), [](const Statement& s) {
        if (is_jump(s, "break;")) return true;
        return s.kind == Kind::branch && (breaks(s.body) || breaks(s.otherwise));
    });
}

// `list` does nothing but leave a loop, maybe after some last statements.
bool leaves_loop(const StatementList& list) {
    if (list.empty() || !is_jump(list.back(), "break;")) return false;
    const StatementList before(list.begin(), list.end() - 1);
    return !breaks(before) && !continues(before);
}

// Gives a loop its condition. What its only way out does last is returned: it stands behind the loop then.
StatementList tidy_loop(Statement& loop) {
    StatementList& body = loop.body;
    if (loop.kind != Kind::forever) return {};
    // A `continue` as the last thing says nothing.
    while (!body.empty() && is_jump(body.back(), "continue;")) body.pop_back();
    if (body.empty()) return {};
    Statement& first = body.front();
    if (first.kind == Kind::branch && leaves_loop(first.body)) {
        const StatementList others(body.begin() + 1, body.end());
        if (first.body.size() == 1 || (!breaks(others) && !breaks(first.otherwise))) {
            StatementList last = std::move(first.body);
            last.pop_back();
            loop.kind = Kind::while_;
            loop.text = first.opposite;
            StatementList rest = std::move(first.otherwise);
            rest.insert(rest.end(), others.begin(), others.end());
            body = std::move(rest);
            return last;
        }
    }
    Statement& end = body.back();
    if (end.kind == Kind::branch && leaves_loop(end.body) && end.otherwise.empty() && !continues(body)) {
        const StatementList others(body.begin(), body.end() - 1);
        if (end.body.size() == 1 || !breaks(others)) {
            StatementList last = std::move(end.body);
            last.pop_back();
            loop.kind = Kind::do_while;
            loop.text = end.opposite;
            body.pop_back();
            return last;
        }
    }
    return {};
}

// `i = 0; while (i < n) { ...; i = i + 1; }` is a for.
void make_for(StatementList& list) {
    for (std::size_t k = 1; k < list.size(); ++k) {
        Statement& loop = list[k];
        if (loop.kind != Kind::while_ || loop.body.empty() || continues(loop.body)) continue;
        const std::string name = loop.body.back().assigned;
        if (name.empty() || !compiler::mentions(loop.text, name) || list[k - 1].assigned != name) continue;
        StatementList before(loop.body.begin(), loop.body.end() - 1);
        if (assigns(before, name)) continue;
        loop.kind = Kind::for_;
        loop.start = list[k - 1].text.substr(0, list[k - 1].text.size() - 1);
        loop.step = loop.body.back().text.substr(0, loop.body.back().text.size() - 1);
        loop.assigned = name;
        loop.body.pop_back();
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(k) - 1);
        --k;
    }
}

// `i = i + 4` as `i += 4`.
std::string shortened(const std::string& text, const std::string& name) {
    const std::string start = name + " = " + name + " ";
    const std::string end = " + " + name;
    if (!name.empty() && !text.starts_with(start) && text.starts_with(name + " = ") && text.ends_with(end)) {
        // x = y + x
        const std::string other = text.substr(name.size() + 3, text.size() - name.size() - 3 - end.size());
        int depth = 0;
        for (const char c : other) {
            if (c == '(' || c == '[') ++depth;
            if (c == ')' || c == ']') --depth;
            if (depth == 0 && c == ' ') return text;
        }
        return name + " += " + other;
    }
    if (name.empty() || !text.starts_with(start)) return text;
    const std::string rest = text.substr(start.size());
    for (const char* operation : {"+", "-", "*", "&", "|", "^", ">>", "<<"}) {
        const std::string before = std::string(operation) + " ";
        if (!rest.starts_with(before)) continue;
        const std::string operand = rest.substr(before.size());
        // Everything behind the operator must belong to it.
        int depth = 0;
        for (const char c : operand) {
            if (c == '(' || c == '[') ++depth;
            if (c == ')' || c == ']') --depth;
            const bool binds_tighter = c == '*' || c == '/' || c == '%' || c == ' ' ||
                                       std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                                       c == '.' || c == '(' || c == ')' || c == '[' || c == ']';
            const bool is_sum = *operation == '+' || *operation == '-';
            if (depth == 0 && (is_sum ? !binds_tighter : c == ' ')) return text;
        }
        return name + " " + operation + "= " + operand;
    }
    return text;
}

std::string declaration(const std::string& name, const Variable& variable) {
    return variable.type + " " + name + variable.suffix;
}

void place(StatementList& list, const std::string& name, const Variable& variable) {
    std::vector<std::size_t> places;
    for (std::size_t k = 0; k < list.size(); ++k)
        if (mentions(list[k], name)) places.push_back(k);
    if (places.empty()) return;
    Statement& first = list[places.front()];
    if (places.size() == 1 && first.kind != Kind::line) {
        const bool in_head = compiler::mentions(first.text, name) || compiler::mentions(first.start, name) ||
                             compiler::mentions(first.step, name);
        const bool in_body = mentions(first.body, name), in_otherwise = mentions(first.otherwise, name);
        const bool is_loop = first.kind != Kind::branch;
        if (!in_head && in_body != in_otherwise && !(is_loop && variable.is_carried)) {
            place(in_body ? first.body : first.otherwise, name, variable);
            return;
        }
        if (first.kind == Kind::for_ && first.assigned == name && first.start.starts_with(name + " = ") &&
            !compiler::mentions(std::string_view(first.start).substr(name.size() + 3), name)) {
            first.start = variable.type + " " + first.start;
            return;
        }
    }
    if (first.kind == Kind::line && first.assigned == name && variable.suffix.empty() &&
        !compiler::mentions(std::string_view(first.text).substr(name.size() + 3), name)) {
        first.text = variable.type + " " + first.text;
        return;
    }
    std::string text = declaration(name, variable);
    if (!variable.initial.empty()) text += " = " + variable.initial;
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(places.front()), Statement::line(text + ";"));
}

void shorten(StatementList& list) {
    for (Statement& statement : list) {
        if (statement.kind == Kind::line && !statement.assigned.empty())
            statement.text =
                shortened(statement.text.substr(0, statement.text.size() - 1), statement.assigned) + ";";
        if (statement.kind == Kind::for_) statement.step = shortened(statement.step, statement.assigned);
        shorten(statement.body);
        shorten(statement.otherwise);
    }
}

}  // namespace

bool assigns(const StatementList& list, std::string_view name) {
    return std::any_of(list.begin(), list.end(), [&](const Statement& s) {
        return s.assigned == name || assigns(s.body, name) || assigns(s.otherwise, name);
    });
}

bool mentions(std::string_view text, std::string_view name) {
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
        const std::size_t end = at + name.size();
        if (begins && (end == text.size() || !is_word(text[end]))) return true;
    }
    return false;
}

std::string parenthesized(const std::string& text) {
    int depth = 0;
    bool is_simple = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(' || text[i] == '[') ++depth;
        if (text[i] == ')' || text[i] == ']') --depth;
        if (depth == 0 && !is_word(text[i]) && text[i] != '.' && text[i] != ')' && text[i] != ']')
            is_simple = false;
    }
    return is_simple ? text : "(" + text + ")";
}

void tidy(StatementList& list, std::string_view mask) {
    for (Statement& statement : list) {
        tidy(statement.body, mask);
        tidy(statement.otherwise, mask);
    }
    for (std::size_t k = 0; k < list.size(); ++k) {
        Statement& statement = list[k];
        if (statement.kind == Kind::branch) {
            if (statement.body.empty() && statement.otherwise.empty()) {
                list.erase(list.begin() + static_cast<std::ptrdiff_t>(k--));
                continue;
            }
            if (statement.body.empty()) {
                std::swap(statement.body, statement.otherwise);
                std::swap(statement.text, statement.opposite);
            }
            // A side that never comes back needs no else beside it.
            if (always_leaves(statement.otherwise) && !always_leaves(statement.body)) {
                std::swap(statement.body, statement.otherwise);
                std::swap(statement.text, statement.opposite);
            }
            if (always_leaves(statement.body) && !statement.otherwise.empty()) {
                StatementList rest = std::move(statement.otherwise);
                statement.otherwise.clear();
                list.insert(list.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                            std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
                continue;
            }
            if (k > 0) {
                Statement& previous = list[k - 1];
                if (previous.kind == Kind::branch && previous.text == mask && statement.text == mask &&
                    previous.otherwise.empty() && statement.otherwise.empty() &&
                    !assigns(previous.body, mask)) {
                    previous.body.insert(previous.body.end(), std::make_move_iterator(statement.body.begin()),
                                         std::make_move_iterator(statement.body.end()));
                    list.erase(list.begin() + static_cast<std::ptrdiff_t>(k--));
                    continue;
                }
            }
        }
        StatementList behind = tidy_loop(statement);
        list.insert(list.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                    std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
    }
    make_for(list);
}

void declare(StatementList& list, const Variables& variables) {
    for (const auto& [name, variable] : variables) place(list, name, variable);
    shorten(list);
}

std::string print(const StatementList& list, unsigned depth) {
    const std::string indent(4 * std::size_t{depth}, ' ');
    std::string text;
    for (const Statement& statement : list) {
        switch (statement.kind) {
            case Kind::line:
                text += indent + statement.text + "\n";
                break;
            case Kind::branch: {
                text += indent + "if (" + statement.text + ") {\n" + print(statement.body, depth + 1);
                const Statement* other = &statement;
                while (other->otherwise.size() == 1 && other->otherwise[0].kind == Kind::branch) {
                    other = other->otherwise.data();
                    text += indent + "} else if (" + other->text + ") {\n" + print(other->body, depth + 1);
                }
                if (!other->otherwise.empty())
                    text += indent + "} else {\n" + print(other->otherwise, depth + 1);
                text += indent + "}\n";
                break;
            }
            case Kind::forever:
                text += indent + "while (true) {\n" + print(statement.body, depth + 1) + indent + "}\n";
                break;
            case Kind::while_:
                text += indent + "while (" + statement.text + ") {\n" + print(statement.body, depth + 1) +
                        indent + "}\n";
                break;
            case Kind::for_:
                text += indent + "for (" + statement.start + "; " + statement.text + "; " + statement.step +
                        ") {\n" + print(statement.body, depth + 1) + indent + "}\n";
                break;
            case Kind::do_while:
                text += indent + "do {\n" + print(statement.body, depth + 1) + indent + "} while (" +
                        statement.text + ");\n";
                break;
        }
    }
    return text;
}

}  // namespace heddle::compiler
