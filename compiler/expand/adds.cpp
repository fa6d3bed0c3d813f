#include "compiler/expand/adds.hpp"

#include "compiler/expand/place.hpp"
#include "compiler/parse/parse.hpp"

#include <set>

namespace tally {
namespace {

using namespace syntax;

std::string text_of(const Type& t) {
    std::string args;
    for (const auto& a : t.args) args += (args.empty() ? "" : ", ") + text_of(a);
    if (t.max) args += (args.empty() ? "" : ", ") + ("max " + std::to_string(*t.max));
    return t.name + (args.empty() ? "" : "<" + args + ">") + (t.optional ? "?" : "");
}

/// The sum that `p.x[key]` names; null when it names none.
const Field* sum_of(const Contract& parent, const Contract& child, const Expr& to) {
    if (to.kind != ExprKind::Index || to.args[0]->kind != ExprKind::Member) return nullptr;
    const auto& member = *to.args[0];
    if (member.args[0]->kind != ExprKind::Name || member.args[0]->text != child.parent_name.text) return nullptr;
    for (const auto& m : parent.members)
        if (m.kind == MemberKind::Sum && m.field.name.text == member.text && m.field.type.args.size() == 2) return &m.field;
    return nullptr;
}

/// Every state of the parent, the final ones too: what its children hold must be able to leave.
std::string states_of(const Contract& parent) {
    std::set<std::string> names{parent.initial.text};
    for (const auto& edge : parent.edges) {
        names.insert(edge.from.text);
        for (const auto& to : edge.to) names.insert(to.text);
    }
    for (const auto& name : parent.finals) names.insert(name.text);
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : " | ") + name;
    return out;
}

std::string child_text(const Contract& child, const std::string& sum, const std::string& key, const std::string& value, const std::string& zero, const std::string& n) {
    const auto generics = child.type_params.empty() ? std::string() : "<" + child.type_params[0].text + ">";
    const auto call = child.parent_name.text + "." + sum + "__add";
    return "module adds version 1;\ncontract " + child.name.text + generics + " {\n" +
           "var adds__" + n + ": " + value + " = " + zero + ";\nvar adds__to__" + n + ": " + key + ";\n" +
           "fn adds__say__" + n + "() {\nlet now: " + value + " = adds__amount;\nlet to__key: " + key + " = adds__key;\n" +
           "if to__key == adds__to__" + n + " {\nif now != adds__" + n + " { " + call + "(to__key, now - adds__" + n + "); }\n} else {\n" +
           "if adds__" + n + " != " + zero + " { " + call + "(adds__to__" + n + ", -adds__" + n + "); }\n" +
           "if now != " + zero + " { " + call + "(to__key, now); }\n}\n" +
           "adds__" + n + " = now;\nadds__to__" + n + " = to__key;\n}\n}\n";
}

void expand(Contract& parent, Contract& child, Sources& sources, Sink& sink) {
    for (std::size_t i = 0; i < child.adds.size(); ++i) {
        auto& adds = child.adds[i];
        const auto* sum = sum_of(parent, child, *adds.to);
        if (sum == nullptr) {
            sink.report(Diag::TypeMismatch, adds.to->span, {"a `sum` of the parent, by key: `" + child.parent_name.text + ".total[key]`", "something else"});
            return;
        }
        const auto name = sum->name.text, key = text_of(sum->type.args[0]), value = text_of(sum->type.args[1]);
        const auto zero = sum->type.args[1].name == "Money" && !sum->type.args[1].args.empty() ? "0 " + sum->type.args[1].args[0].name : std::string("0");
        const auto made = parse(sources, sources.add("the sums of " + child.name.text, child_text(child, name, key, value, zero, std::to_string(i)), true), sink);
        const auto entry = parse(sources, sources.add("the sum " + name, "module adds version 1;\ncontract " + parent.name.text + (parent.type_params.empty() ? "" : "<" + parent.type_params[0].text + ">") +
            " {\naction " + name + "__add(key: " + key + ", amount: " + value + ") by child " + child.name.text + " in " + states_of(parent) + " { " + name + ".add(key, amount); }\n}\n", true), sink);
        if (!made || !entry) return;
        auto& from = const_cast<Contract&>(made->contracts[0]);
        for (auto& m : from.members) {
            place(m.field, adds.span);
            m.kind = MemberKind::Hidden;
            child.members.push_back(std::move(m));
        }
        auto& say = from.fns[0];
        place(say, adds.span);
        say.body[0]->expr = std::move(adds.amount);
        say.body[1]->expr = std::move(adds.to->args[1]);
        child.fns.push_back(std::move(say));
        auto& add = const_cast<Contract&>(entry->contracts[0]).fns[0];
        place(add, sum->name.span);
        const bool known = [&] {
            for (const auto& f : parent.fns)
                if (f.name.text == add.name.text) return true;
            return false;
        }();
        if (!known) parent.fns.push_back(std::move(add));
    }
}

} // namespace

void expand_adds(File& file, Sources& sources, Sink& sink) {
    for (auto& child : file.contracts) {
        if (child.adds.empty()) continue;
        Contract* parent = nullptr;
        for (auto& c : file.contracts)
            if (child.parent && c.name.text == child.parent->name) parent = &c;
        if (parent == nullptr) sink.report(Diag::OutsideContract, child.adds[0].span, {"adds` (in a contract that is `of` another one of this file)"});
        else expand(*parent, child, sources, sink);
    }
}

} // namespace tally
