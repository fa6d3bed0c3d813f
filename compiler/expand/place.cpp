#include "compiler/expand/place.hpp"

namespace tally {

using namespace syntax;

void place(Type& type, Span at) {
    type.span = at;
    for (auto& arg : type.args) place(arg, at);
}

void place(Expr& e, Span at) {
    e.span = at;
    for (auto& n : e.names) n.span = at;
    for (auto& a : e.args)
        if (a) place(*a, at);
    for (auto& f : e.fors) {
        for (auto& n : f.pattern) n.span = at;
        place(*f.over, at);
    }
}

namespace {

void place(Stmt& s, Span at) {
    s.span = s.text_span = at;
    for (auto& n : s.names) n.span = at;
    if (s.type) place(*s.type, at);
    if (s.target) place(*s.target, at);
    if (s.expr) place(*s.expr, at);
    for (auto& f : s.fields) {
        f.name.span = at;
        place(*f.value, at);
    }
    place(s.body, at);
    place(s.other, at);
    for (auto& arm : s.arms) {
        arm.span = arm.name.span = at;
        for (auto& n : arm.binds) n.span = at;
        place(arm.body, at);
    }
}

} // namespace

void place(std::vector<StmtPtr>& block, Span at) {
    for (auto& s : block) place(*s, at);
}

void place(Field& f, Span at) {
    f.name.span = at;
    place(f.type, at);
    if (f.init) place(*f.init, at);
}

void place(Fn& f, Span at) {
    f.span = f.name.span = at;
    for (auto& p : f.params) place(p, at);
    if (f.result) place(*f.result, at);
    place(f.body, at);
}

} // namespace tally
