// Money as a running contract meets it: its vaults, and the holdings in its h slots.
#include "runtime/call_frame.hpp"

#include "runtime/codec.hpp"
#include "runtime/parties.hpp"

#include <cstring>

namespace tally {

Trap CallFrame::vault_entry(u64 field, u64 key, const Arena& arena, VaultEntry& out) const {
    if (field >= self_.contract->fields.size()) return Trap::BadArgument;
    const ContractField& f = self_.contract->fields[field];
    if (f.kind != FieldKind::Vault) return Trap::BadArgument;
    const auto number = static_cast<std::uint32_t>(field);
    const Type& type = program().module.types[f.type];
    out.currency = self_.header.currency;
    out.plain = type.kind == TypeKind::Cash;
    if (out.plain) {
        out.key = keys::vault(self_.id, number, {});
        return Trap::None;
    }
    const std::uint8_t* const at = arena.at(key, program().facts.layouts[type.key].size);
    if (at == nullptr) return Trap::Bounds;
    out.key = keys::vault(self_.id, number, key_bytes(program(), type.key, at));
    return Trap::None;
}

Trap CallFrame::vault_open(const HostCall& args) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    VaultEntry entry;
    const Trap trap = vault_entry(args.x[0], args.x[1], *args.arena, entry);
    if (trap != Trap::None) return trap;
    State& state = execution_.state();
    if (entry.plain || state.journal().has(entry.key)) return Trap::None;
    const auto field = static_cast<std::uint32_t>(args.x[0]);
    const Bytes counter = keys::vault_count(self_.id, field);
    const u64 count = state.number_at(counter).value_or(0);
    if (count >= program().module.types[self_.contract->fields[field].type].max)
        return Trap::Capacity;
    state.put_number(counter, count + 1);
    state.put_amount(entry.key, 0);
    const std::uint32_t key_type = program().module.types[self_.contract->fields[field].type].key;
    every_party(program(), key_type, args.arena->at(args.x[1], program().facts.layouts[key_type].size), [this](PartyId party) {
        self_.named_by.push_back(party);
        return true;
    });
    return execution_.check_writes();
}

Trap CallFrame::vault_amount(const HostCall& args) {
    VaultEntry entry;
    const Trap trap = vault_entry(args.x[0], args.x[1], *args.arena, entry);
    return trap != Trap::None ? trap : execution_.assets().vault_amount(entry, args.w[0]);
}

Trap CallFrame::vault_has(const HostCall& args) {
    VaultEntry entry;
    const Trap trap = vault_entry(args.x[0], args.x[1], *args.arena, entry);
    if (trap != Trap::None) return trap;
    args.x[0] = entry.plain || execution_.state().journal().has(entry.key) ? 1 : 0;
    return Trap::None;
}

Trap CallFrame::vault_next(const HostCall& args) {
    if (args.x[0] >= self_.contract->fields.size()) return Trap::BadArgument;
    const auto field = static_cast<std::uint32_t>(args.x[0]);
    const Type& type = program().module.types[self_.contract->fields[field].type];
    if (self_.contract->fields[field].kind != FieldKind::Vault || type.kind != TypeKind::Map)
        return Trap::BadArgument;
    const Bytes prefix = keys::vault(self_.id, field, {});
    VaultEntry after{prefix, 0, false};
    if (args.x[1] != 0) {
        const Trap trap = vault_entry(field, args.x[2], *args.arena, after);
        if (trap != Trap::None) return trap;
    }
    const auto row = execution_.state().journal().next(prefix, after.key);
    args.x[0] = row ? 1 : 0;
    if (!row) return Trap::None;
    const std::uint32_t size = program().facts.layouts[type.key].size;
    std::uint8_t* const at = args.arena->at(args.x[2], size);
    if (at == nullptr) return Trap::Bounds;
    std::memset(at, 0, size);
    ByteReader in(ByteView(row->first).subspan(prefix.size()));
    return key_from_bytes(program(), type.key, in, at) ? Trap::None : Trap::Bounds;
}

// ---- the machine's asset instructions -----------------------------------------------------------

Trap CallFrame::asset_empty(Holding& out) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    out = execution_.assets().hold(self_.header.currency, 0);
    return Trap::None;
}

Trap CallFrame::asset_amount(Holding holding, i128& out) {
    return execution_.assets().amount(holding, out);
}

Trap CallFrame::asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena& arena,
                               Holding& out) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    VaultEntry entry;
    if (const Trap trap = vault_entry(vault, key, arena, entry); trap != Trap::None) return trap;
    const Trap trap = execution_.assets().from_vault(entry, amount, out);
    return trap != Trap::None ? trap : execution_.check_writes();
}

Trap CallFrame::asset_deposit(std::uint32_t vault, u64 key, Arena& arena, Holding holding) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    VaultEntry entry;
    if (const Trap trap = vault_entry(vault, key, arena, entry); trap != Trap::None) return trap;
    const Trap trap = execution_.assets().to_vault(entry, holding);
    return trap != Trap::None ? trap : execution_.check_writes();
}

Trap CallFrame::asset_pay(Holding holding, u64 account) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    const Trap trap = execution_.assets().to_account(account, holding);
    return trap != Trap::None ? trap : execution_.check_writes();
}

Trap CallFrame::asset_take(Holding from, i128 amount, Holding& out) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    return execution_.assets().take(from, amount, out);
}

Trap CallFrame::asset_join(Holding into, Holding from) {
    return execution_.assets().join(into, from);
}

Trap CallFrame::asset_end(Holding holding) { return execution_.assets().end(holding); }

} // namespace tally
