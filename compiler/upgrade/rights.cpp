#include "compiler/upgrade/rights.hpp"

#include <algorithm>
#include <vector>

namespace tally {
namespace {

/// A condition that is looked at as a whole: all, a share, some number or any of the parties of a term.
struct Atom {
    AuthKind kind = AuthKind::Term;
    std::uint32_t n = 0, d = 0;
    std::string of;
    friend bool operator==(const Atom&, const Atom&) = default;

    /// Whenever this holds, the other does.
    [[nodiscard]] bool implies(const Atom& other) const {
        if (*this == other) return true;
        if (of != other.of) return false;
        const auto everyone = [](const Atom& a) { return a.kind == AuthKind::EachOf || a.kind == AuthKind::Term; };
        if (everyone(*this)) return other.kind != AuthKind::KOf; // all of two are not three of them
        if (other.kind == AuthKind::AnyOf) return kind == AuthKind::KOf || kind == AuthKind::Quorum;
        if (kind == AuthKind::KOf && other.kind == AuthKind::KOf) return n >= other.n;
        return kind == AuthKind::Quorum && other.kind == AuthKind::Quorum && std::uint64_t{n} * other.d >= std::uint64_t{other.n} * d;
    }
};

bool over_a_term(const Auth& a) { return a.children.size() == 1 && a.children[0].kind == AuthKind::Term; }

Atom atom_of(const Auth& a) {
    if (a.kind == AuthKind::Term) return {AuthKind::Term, 0, 0, a.text.str()};
    if (a.kind == AuthKind::Child) return {AuthKind::Child, 0, 0, a.contract.str()};
    if (a.kind == AuthKind::Contract) return {AuthKind::Contract, 0, 0, ""};
    return {a.kind, a.n, a.d, a.children[0].text.str()};
}

bool is_atom(const Auth& a) {
    return a.kind == AuthKind::Term || a.kind == AuthKind::Child || a.kind == AuthKind::Contract || (a.kind != AuthKind::AllOf && a.kind != AuthKind::Anyone && over_a_term(a));
}

void collect(const Auth& a, std::vector<Atom>& out) {
    if (is_atom(a)) {
        const auto atom = atom_of(a);
        if (std::find(out.begin(), out.end(), atom) == out.end()) out.push_back(atom);
        return;
    }
    for (const auto& child : a.children) collect(child, out);
}

bool holds(const Auth& a, const std::vector<Atom>& atoms, std::uint32_t truth) {
    if (is_atom(a)) return (truth >> (std::find(atoms.begin(), atoms.end(), atom_of(a)) - atoms.begin()) & 1) != 0;
    if (a.kind == AuthKind::Anyone) return true;
    const auto satisfied = static_cast<std::uint64_t>(std::count_if(a.children.begin(), a.children.end(), [&](const Auth& child) { return holds(child, atoms, truth); }));
    const std::uint64_t all = a.children.size();
    switch (a.kind) {
    case AuthKind::AnyOf: return satisfied > 0;
    case AuthKind::KOf: return satisfied >= a.n;
    case AuthKind::Quorum: return all > 0 && satisfied * a.d >= a.n * all;
    default: return all > 0 && satisfied == all;
    }
}

bool possible(const std::vector<Atom>& atoms, std::uint32_t truth) {
    for (std::size_t i = 0; i < atoms.size(); ++i)
        for (std::size_t k = 0; k < atoms.size(); ++k)
            if ((truth >> i & 1) != 0 && (truth >> k & 1) == 0 && atoms[i].implies(atoms[k])) return false;
    return true;
}

} // namespace

bool weaker(const Auth& old, const Auth& now) {
    constexpr std::size_t atoms_max = 16; // 65,536 cases; beyond that only the same right is known to be no weaker
    std::vector<Atom> atoms;
    collect(old, atoms);
    collect(now, atoms);
    if (atoms.size() > atoms_max) return !(old == now);
    for (std::uint32_t truth = 0; truth < std::uint32_t{1} << atoms.size(); ++truth)
        if (possible(atoms, truth) && holds(now, atoms, truth) && !holds(old, atoms, truth)) return true;
    return false;
}

std::set<std::string> named_by(const Auth& auth) {
    std::set<std::string> out;
    if (auth.kind == AuthKind::Anyone) out.insert("anyone");
    if (is_atom(auth)) out.insert(auth.text.str());
    else
        for (const auto& child : auth.children) out.merge(named_by(child));
    return out;
}

} // namespace tally
