// Breaks and continues as flags.
#include "single_exit.h"

#include <iterator>
#include <utility>

namespace heddle::compiler {
namespace {

using Kind = Statement::Kind;

bool is_loop(const Statement& statement) {
    return statement.kind != Kind::line && statement.kind != Kind::branch;
}

bool holds(const StatementList& list, const char* jump) {
    for (const Statement& statement : list) {
        if (statement.kind == Kind::line && statement.text == jump) return true;
        if (statement.kind == Kind::branch &&
            (holds(statement.body, jump) || holds(statement.otherwise, jump)))
            return true;
    }
    return false;
}

Statement lowered(const std::string& flag) {
    return Statement::assignment(flag, "false");
}

// Replaces `jump` by lowering `flag`; what follows a place where that may have happened runs while it is up.
void guard(StatementList& list, const char* jump, const std::string& flag) {
    for (std::size_t k = 0; k < list.size(); ++k) {
        Statement& statement = list[k];
        bool may_jump = false;
        if (statement.kind == Kind::line && statement.text == jump) {
            statement = lowered(flag);
            list.resize(k + 1);
            return;
        }
        if (statement.kind == Kind::branch &&
            (holds(statement.body, jump) || holds(statement.otherwise, jump))) {
            guard(statement.body, jump, flag);
            guard(statement.otherwise, jump, flag);
            may_jump = true;
        }
        if (!may_jump || k + 1 == list.size()) continue;
        StatementList rest(std::make_move_iterator(list.begin() + static_cast<std::ptrdiff_t>(k) + 1),
                           std::make_move_iterator(list.end()));
        list.resize(k + 1);
        guard(rest, jump, flag);
        list.push_back(Statement::branch(flag, "!" + flag, std::move(rest)));
        return;
    }
}

}  // namespace

void leave_loops_at_their_head(StatementList& list,
                               const std::function<std::string(const std::string&)>& fresh) {
    StatementList made;
    for (Statement& statement : list) {
        leave_loops_at_their_head(statement.body, fresh);
        leave_loops_at_their_head(statement.otherwise, fresh);
        if (!is_loop(statement)) {
            made.push_back(std::move(statement));
            continue;
        }
        StatementList body = std::move(statement.body);
        if (holds(body, "continue;")) {
            const std::string runs = fresh("runs");
            guard(body, "continue;", runs);
            body.insert(body.begin(), Statement::line("bool " + runs + " = true;"));
        }
        const bool breaks = holds(body, "break;");
        if (statement.kind == Kind::while_ && !breaks) {
            statement.body = std::move(body);
            made.push_back(std::move(statement));
            continue;
        }
        const std::string again = fresh("again");
        guard(body, "break;", again);
        const auto while_going_on = [&](Statement last) {
            if (breaks)
                body.push_back(Statement::branch(again, "!" + again, {std::move(last)}));
            else
                body.push_back(std::move(last));
        };
        if (statement.kind == Kind::for_ && !statement.start.empty())
            made.push_back(Statement::line(statement.start + ";"));
        if (statement.kind == Kind::for_) while_going_on(Statement::line(statement.step + ";"));
        if (statement.kind == Kind::do_while) while_going_on(Statement::assignment(again, statement.text));
        if (statement.kind == Kind::for_ || statement.kind == Kind::while_) {
            // The condition is asked at the head.
            StatementList inner = std::move(body);
            body.clear();
            body.push_back(Statement::branch(statement.text, "!" + parenthesized(statement.text),
                                             std::move(inner), {lowered(again)}));
        }
        made.push_back(Statement::line("bool " + again + " = true;"));
        made.push_back(Statement::loop(Kind::while_, again, std::move(body)));
    }
    list = std::move(made);
}

}  // namespace heddle::compiler
