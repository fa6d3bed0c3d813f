#include "runtime/snapshot.hpp"

#include "runtime/core.hpp"
#include "runtime/json_reader.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

using Holdings = std::map<Snapshot::Holder, i128>;

void add_accounts(const State& state, const Names& names, Holdings& out) {
    const auto accounts = static_cast<u64>(state.meta(keys::Meta::accounts));
    for (AccountId id = 1; id <= accounts; ++id)
        if (const auto row = state.account(id)) out[{names.party(row->owner), row->currency}] += row->balance;
}

/// An entry under a party is that party's; another lies with the contract.
void add_vaults(const State& state, const Names& names, Holdings& out) {
    const Bytes space = keys::Key(keys::Space::vault).take();
    for (auto row = state.journal().next(space, space); row; row = state.journal().next(space, row->first)) {
        ByteReader key(row->first);
        key.u8();
        const InstanceId id = key.u64be();
        const auto header = state.header(id);
        if (!header) continue;
        const CodePtr code = state.code(header->code);
        const Contract& contract = code->program->module.contracts[header->contract];
        const Bytes number(row->first.begin() + 9, row->first.begin() + 13);
        std::size_t field = 0;
        for (const auto byte : number) field = field << 8 | byte;
        const Type& type = code->program->module.types[contract.fields[field].type];
        std::string holder = contract.name + " " + std::to_string(id);
        if (type.kind == TypeKind::Map && code->program->module.types[type.key].kind == TypeKind::Party) {
            ByteReader rest(ByteView(row->first).subspan(13));
            std::vector<std::uint8_t> memory(code->program->facts.layouts[type.key].size);
            if (key_from_bytes(*code->program, type.key, rest, memory.data())) holder = names.party(read_word<u64>(memory.data()));
        }
        out[{holder, header->currency}] += state.amount_at(row->first).value_or(0);
    }
}

void look_at_fields(Core& core, const std::vector<std::string>& fields, Snapshot& out) {
    const auto instances = static_cast<u64>(core.state().meta(keys::Meta::instances));
    for (InstanceId id = 1; id <= instances && !fields.empty(); ++id) {
        const auto view = core.instance(id);
        const auto json = view ? parse_json(view->json) : std::nullopt;
        if (!json) continue;
        const auto exponent = currency_by_code(view->currency);
        for (const std::string& name : fields) {
            const Json* const field = json->member(name);
            const auto amount = field != nullptr && field->kind == Json::Kind::Text && exponent ? decimal_parse(field->text, exponent->exponent) : std::nullopt;
            if (amount) out.fields[view->currency] += *amount;
        }
    }
}

} // namespace

std::map<Snapshot::Holder, i128> holdings(const Core& core) {
    Holdings out;
    const Names names = core.names_for(0);
    add_accounts(core.state(), names, out);
    add_vaults(core.state(), names, out);
    return out;
}

void look_at(Core& core, const std::map<std::pair<PartyId, CurrencyCode>, i128>& given, const std::vector<std::string>& fields, Snapshot& out) {
    out.held = holdings(core);
    out.fields.clear();
    const Names names = core.names_for(0);
    for (const auto& [to, amount] : given) out.held[{names.party(to.first), to.second}] -= amount;
    look_at_fields(core, fields, out);
}

} // namespace tally
