#include "compiler/syntax/syntax.hpp"

namespace tally::syntax {

namespace {

constexpr const char* expr_names[] = {"member", "index", "call", "create", "move", "old", "negate", "not", "binary", "is", "sum", "every",
                                      "some", "waterfall", "as", "batch", "record", "percent", "unit", "number", "date", "text", "true", "false",
                                      "none", "name", "comprehension", "list"};
constexpr const char* stmt_names[] = {"let", "var", "assign", "if", "for", "match", "become", "emit", "fail", "return", "break", "advance",
                                      "expect_fail", "expect_event", "expect", "expr", "given", "expect_conserved", "enter", "reverse"};
constexpr const char* fn_names[] = {"create", "action", "clause", "view", "fn", "native"};

class Dumper {
public:
    std::string out;

    void line(int depth, const std::string& text) { out += std::string(static_cast<std::size_t>(depth) * 2, ' ') + text + "\n"; }
    static std::string type(const Type& t) {
        std::string text = t.name;
        std::string args;
        for (const auto& a : t.args) args += (args.empty() ? "" : ", ") + type(a);
        if (t.max) args += (args.empty() ? "" : ", ") + ("max " + std::to_string(*t.max));
        if (!args.empty()) text += "<" + args + ">";
        return t.optional ? text + "?" : text;
    }
    void expr(int depth, const Expr& e) {
        std::string text = expr_names[static_cast<int>(e.kind)];
        if (!e.text.empty()) text += " `" + e.text + "`";
        for (const auto& n : e.names)
            if (n.text != e.text) text += " " + n.text;
        line(depth, text);
        for (std::size_t i = 0; i < e.args.size(); ++i) {
            if (!e.args[i]) continue;
            if (i < e.arg_names.size() && !e.arg_names[i].empty()) line(depth + 1, e.arg_names[i] + ":");
            expr(depth + 1, *e.args[i]);
        }
        for (const auto& f : e.fors) expr(depth + 1, *f.over);
        for (const auto& t : e.tiers) tier(depth + 1, t);
    }
    void tier(int depth, const Tier& t) {
        line(depth, "tier " + t.name.text);
        if (t.list) expr(depth + 1, *t.list);
        if (t.amount) expr(depth + 1, *t.amount);
        for (const auto& inner : t.inner) tier(depth + 1, inner);
    }
    void stmts(int depth, const std::vector<StmtPtr>& list) {
        for (const auto& s : list) stmt(depth, *s);
    }
    void stmt(int depth, const Stmt& s) {
        std::string text = stmt_names[static_cast<int>(s.kind)];
        if (!s.text.empty()) text += " `" + s.text + "`";
        for (const auto& n : s.names) text += " " + n.text;
        if (s.type) text += ": " + type(*s.type);
        line(depth, text);
        if (s.target) expr(depth + 1, *s.target);
        if (s.expr) expr(depth + 1, *s.expr);
        for (const auto& f : s.fields) {
            line(depth + 1, f.name.text + ":");
            expr(depth + 2, *f.value);
        }
        stmts(depth + 1, s.body);
        if (!s.other.empty()) {
            line(depth, "else");
            stmts(depth + 1, s.other);
        }
        for (const auto& arm : s.arms) {
            line(depth + 1, "arm " + arm.name.text);
            stmts(depth + 2, arm.body);
        }
    }
    void fields(int depth, const std::vector<Field>& list) {
        for (const auto& f : list) line(depth, f.name.text + ": " + type(f.type));
    }
    void fn(int depth, const Fn& f) {
        line(depth, std::string(fn_names[static_cast<int>(f.kind)]) + " " + f.name.text + (f.result ? " -> " + type(*f.result) : ""));
        fields(depth + 1, f.params);
        if (f.trigger) expr(depth + 1, *f.trigger);
        for (const auto& r : f.head.requires_) {
            line(depth + 1, "require else " + r.failure.text);
            expr(depth + 2, *r.condition);
        }
        for (const auto& e : f.head.ensures) {
            line(depth + 1, "ensure");
            expr(depth + 2, *e);
        }
        stmts(depth + 1, f.body);
    }
};

} // namespace

std::string dump(const File& file) {
    Dumper d;
    d.line(0, "module " + file.module + " version " + std::to_string(file.version));
    for (const auto& i : file.imports) d.line(0, "import " + i.module);
    const auto records = [&](const char* what, const std::vector<Record>& list) {
        for (const auto& r : list) {
            d.line(0, std::string(what) + " " + r.name.text);
            d.fields(1, r.fields);
        }
    };
    records("record", file.records);
    records("event", file.events);
    records("error", file.errors);
    for (const auto& e : file.enums) {
        d.line(0, "enum " + e.name.text);
        for (std::size_t i = 0; i < e.cases.size(); ++i) {
            d.line(1, e.cases[i].text);
            d.fields(2, e.payloads[i]);
        }
    }
    for (const auto& c : file.contracts) {
        d.line(0, "contract " + c.name.text + (c.parent ? " of " + d.type(*c.parent) : ""));
        for (const auto& m : c.members) d.line(1, m.field.name.text + ": " + d.type(m.field.type));
        d.line(1, "initial " + c.initial.text);
        for (const auto& e : c.edges)
            for (const auto& to : e.to) d.line(1, e.from.text + " -> " + to.text);
        for (const auto& f : c.fns) d.fn(1, f);
    }
    for (const auto& f : file.fns) d.fn(0, f);
    for (const auto& t : file.tests) {
        d.line(0, "test \"" + t.name + "\"");
        d.stmts(1, t.body);
    }
    return d.out;
}

} // namespace tally::syntax
