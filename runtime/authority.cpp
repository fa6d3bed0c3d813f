#include "runtime/authority.hpp"

#include "runtime/codec.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

/// The parties that a term names. Walks along values that the ledger wrote or decoded.
class Term {
public:
    Term(const AuthoritySource& source, const Auth& auth)
        : source_(source), auth_(auth), program_(source.self.program()),
          types_(program_.module.types) {}

    /// Distinct, ascending. A path that leads nowhere names nobody, and nobody signs for nobody.
    std::vector<PartyId> parties() {
        root();
        std::sort(parties_.begin(), parties_.end());
        parties_.erase(std::unique(parties_.begin(), parties_.end()), parties_.end());
        return std::move(parties_);
    }

private:
    void root() {
        if (auth_.root == AuthRoot::Parameter) {
            const std::uint8_t* const at = source_.params[auth_.index];
            if (at != nullptr) walk(source_.entry.params[auth_.index].type, at, 0);
            return;
        }
        if (auth_.root == AuthRoot::Function) {
            const auto value = source_.compute ? source_.compute(auth_.index, auth_.steps[0]) : std::vector<std::uint8_t>();
            if (!value.empty()) last(types_[auth_.steps[0]], program_.facts.layouts[auth_.steps[0]], value.data());
            return;
        }
        const bool own = auth_.root == AuthRoot::Field;
        const OpenInstance* const holder = own ? &source_.self : source_.self.parent;
        if (holder == nullptr) return;
        const ContractField& field = holder->contract->fields[auth_.index];
        if (field.kind == FieldKind::Vault) return vault_keys(*holder, field);
        if (field.kind == FieldKind::Stored) return stored(*holder, field);
        walk(field.type, holder->record() + holder->layout->offsets[auth_.index], 0);
    }

    /// An index in the own record; nothing if that field is no number that lies there.
    std::optional<i64> index_at(std::size_t step) const {
        const OpenInstance& self = source_.self;
        if (step >= auth_.steps.size()) return std::nullopt;
        const std::uint32_t field = auth_.steps[step];
        if (field >= self.contract->fields.size()) return std::nullopt;
        const ContractField& f = self.contract->fields[field];
        if (f.kind > FieldKind::Var || types_[f.type].kind != TypeKind::Int) return std::nullopt;
        return read_word<i64>(self.record() + self.layout->offsets[field]);
    }

    void walk(std::uint32_t number, const std::uint8_t* at, std::size_t step) {
        const Type& type = types_[number];
        const Layout& layout = program_.facts.layouts[number];
        if (step == auth_.steps.size()) return last(type, layout, at);
        const std::uint32_t way = auth_.steps[step];
        if (way == each_step) return each(type, layout, at, step + 1);
        if (way == index_field_step) return indexed(type, layout, at, step);
        if (way < type.fields.size())
            walk(type.fields[way].type, at + layout.offsets[way], step + 1);
    }

    /// A list or set of parties at the end of the way means each of them.
    void last(const Type& type, const Layout& layout, const std::uint8_t* at) {
        if (type.kind == TypeKind::Party) parties_.push_back(read_word<u64>(at));
        const bool present = type.kind == TypeKind::Optional && read_word<u64>(at) == 1;
        if (present) walk(type.element, at + layout.first, auth_.steps.size());
        if (is_collection(type)) each(type, layout, at, auth_.root == AuthRoot::Function ? 1 : auth_.steps.size());
    }

    static bool is_collection(const Type& type) {
        return type.kind == TypeKind::List || type.kind == TypeKind::Set ||
               type.kind == TypeKind::Map;
    }

    void each(const Type& type, const Layout& layout, const std::uint8_t* at, std::size_t step) {
        if (!is_collection(type) || layout.size == 0) return;
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        const std::uint32_t item = type.kind == TypeKind::Map ? type.key : type.element;
        for (u64 i = 0; i < count; ++i)
            walk(item, at + layout.first + i * layout.stride, step);
    }

    void indexed(const Type& type, const Layout& layout, const std::uint8_t* at, std::size_t step) {
        const auto index = index_at(step + 1);
        if (!index || type.kind != TypeKind::List) return;
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        if (*index < 0 || static_cast<u64>(*index) >= count) return;
        walk(type.element, at + layout.first + static_cast<u64>(*index) * layout.stride, step + 2);
    }

    // ---- fields that are kept by key

    void stored(const OpenInstance& holder, const ContractField& field) {
        const Type& type = types_[field.type];
        const bool by_index = !auth_.steps.empty() && auth_.steps[0] == index_field_step;
        if (!by_index) return stored_each(holder, type);
        const auto index = index_at(1);
        if (!index || type.kind != TypeKind::List) return;
        ByteWriter key;
        key.i64be(*index);
        const auto row =
            source_.state.journal().get(keys::element(holder.id, auth_.index, key.data()));
        if (row) decoded(type.element, *row, 2);
    }

    void stored_each(const OpenInstance& holder, const Type& type) {
        const std::size_t step = !auth_.steps.empty() && auth_.steps[0] == each_step ? 1 : 0;
        if (step == 0 && !auth_.steps.empty()) return;
        const Bytes prefix = keys::element(holder.id, auth_.index, {});
        for_keys(prefix, [&](ByteView key, const Bytes& value) {
            if (type.kind == TypeKind::List)
                decoded(type.element, value, step);
            else
                from_key(type.kind == TypeKind::Map ? type.key : type.element, key, step);
        });
    }

    void vault_keys(const OpenInstance& holder, const ContractField& field) {
        const Type& type = types_[field.type];
        const bool ends = auth_.steps.empty();
        if (type.kind != TypeKind::Map || (!ends && auth_.steps[0] != each_step)) return;
        for_keys(keys::vault(holder.id, auth_.index, {}),
                 [&](ByteView key, const Bytes&) { from_key(type.key, key, ends ? 0 : 1); });
    }

    template <typename Each> void for_keys(const Bytes& prefix, const Each& each_row) {
        auto row = source_.state.journal().next(prefix, prefix);
        while (row) {
            each_row(ByteView(row->first).subspan(prefix.size()), row->second);
            row = source_.state.journal().next(prefix, row->first);
        }
    }

    std::vector<std::uint8_t> memory(std::uint32_t type) const {
        return std::vector<std::uint8_t>(program_.facts.layouts[type].size);
    }

    void decoded(std::uint32_t type, ByteView bytes, std::size_t step) {
        auto at = memory(type);
        ByteReader in(bytes);
        if (decode_value(program_, type, in, at.data())) walk(type, at.data(), step);
    }

    void from_key(std::uint32_t type, ByteView bytes, std::size_t step) {
        auto at = memory(type);
        ByteReader in(bytes);
        if (key_from_bytes(program_, type, in, at.data())) walk(type, at.data(), step);
    }

    const AuthoritySource& source_;
    const Auth& auth_;
    const Program& program_;
    const std::vector<Type>& types_;
    std::vector<PartyId> parties_;
};

struct Count {
    u64 satisfied = 0, of = 0;
};

bool holds(const AuthoritySource& source, const Auth& auth);

bool signed_by(const AuthoritySource& source, PartyId party) {
    const auto& signers = source.signers;
    return party != 0 && std::find(signers.begin(), signers.end(), party) != signers.end();
}

Count count_term(const AuthoritySource& source, const Auth& term) {
    Count count;
    for (const PartyId party : Term(source, term).parties()) {
        ++count.of;
        if (signed_by(source, party)) ++count.satisfied;
    }
    return count;
}

/// Over one term the parties that it names count; over several children, the children.
Count count_children(const AuthoritySource& source, const Auth& auth) {
    if (auth.children.size() == 1 && auth.children[0].kind == AuthKind::Term)
        return count_term(source, auth.children[0]);
    Count count;
    for (const Auth& child : auth.children) {
        ++count.of;
        if (holds(source, child)) ++count.satisfied;
    }
    return count;
}

bool is_child(const AuthoritySource& source, const Auth& auth) {
    const OpenInstance* const caller = source.caller;
    return caller != nullptr && caller->header.parent == source.self.id &&
           caller->header.code == source.self.header.code &&
           caller->contract->name == auth.contract.view();
}

// Nesting is bounded by limits::auth_depth.
bool holds(const AuthoritySource& source, const Auth& auth) {
    switch (auth.kind) {
    case AuthKind::Anyone: return true;
    case AuthKind::Contract: return source.caller != nullptr;
    case AuthKind::Child: return is_child(source, auth);
    case AuthKind::Term: {
        const Count count = count_term(source, auth);
        return count.of > 0 && count.satisfied == count.of;
    }
    case AuthKind::AllOf: // children only: `all of (lead, each of banks)` is a list of terms
        return !auth.children.empty() &&
               std::all_of(auth.children.begin(), auth.children.end(),
                           [&](const Auth& child) { return holds(source, child); });
    default: break;
    }
    const Count count = count_children(source, auth);
    switch (auth.kind) {
    case AuthKind::EachOf: return count.of > 0 && count.satisfied == count.of;
    case AuthKind::AnyOf: return count.satisfied > 0;
    case AuthKind::KOf: return count.satisfied >= auth.n;
    case AuthKind::Quorum: return count.of > 0 && count.satisfied * auth.d >= auth.n * count.of;
    default: return false;
    }
}

std::string list_text(const Auth& auth) {
    std::string out;
    for (const Auth& child : auth.children) {
        if (!out.empty()) out += ", ";
        out += authority_text(child);
    }
    return out;
}

} // namespace

bool authorised(const AuthoritySource& source) { return holds(source, source.entry.auth); }

std::string authority_text(const Auth& auth) {
    if (!auth.text.empty()) return auth.text.str();
    const std::string list = list_text(auth);
    switch (auth.kind) {
    case AuthKind::AllOf: return "all of (" + list + ")";
    case AuthKind::AnyOf: return list.empty() ? "nobody" : "any of (" + list + ")";
    case AuthKind::EachOf: return "each of " + list;
    case AuthKind::KOf: return std::to_string(auth.n) + " of (" + list + ")";
    case AuthKind::Quorum:
        return "quorum(" + std::to_string(auth.n) + "/" + std::to_string(auth.d) + ", " + list +
               ")";
    case AuthKind::Anyone: return "anyone";
    case AuthKind::Contract: return "contract";
    case AuthKind::Child: return "child " + auth.contract.str();
    case AuthKind::Term: return "the party of this right";
    }
    return {};
}

} // namespace tally
