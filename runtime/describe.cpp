// What people read: notes of refusals, instances as JSON.
#include "runtime/core.hpp"

#include "runtime/arguments.hpp"
#include "runtime/assert.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {
namespace {

/// The last part of `consortium.clearing.NoFunds`.
std::string short_name(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string quoted_amount(i128 amount, int exponent) {
    return "\"" + decimal_text(amount, exponent) + "\"";
}

/// Vaults live in rows of their own.
class VaultText {
public:
    VaultText(const State& state, const OpenInstance& self, const Names& names)
        : state_(state), self_(self), names_(names) {}

    std::string text() const {
        std::string out;
        for (std::uint32_t i = 0; i < self_.contract->fields.size(); ++i) {
            const ContractField& field = self_.contract->fields[i];
            if (field.kind != FieldKind::Vault) continue;
            if (!out.empty()) out += ", ";
            out += "\"" + field.name + "\": " + vault(i, self_.program().module.types[field.type]);
        }
        return "{" + out + "}";
    }

private:
    std::string amount_at(const Bytes& key) const {
        return quoted_amount(state_.amount_at(key).value_or(0), names_.money_exponent);
    }

    std::string vault(std::uint32_t field, const Type& type) const {
        const Bytes prefix = keys::vault(self_.id, field, {});
        if (type.kind != TypeKind::Map) return amount_at(prefix);
        std::string out;
        auto row = state_.journal().next(prefix, prefix);
        for (; row; row = state_.journal().next(prefix, row->first)) {
            if (!out.empty()) out += ", ";
            const ByteView key = ByteView(row->first).subspan(prefix.size());
            out += "{\"key\": " + key_text(type.key, key) +
                   ", \"value\": " + amount_at(row->first) + "}";
        }
        return "[" + out + "]";
    }

    std::string key_text(std::uint32_t type, ByteView bytes) const {
        std::vector<std::uint8_t> memory(self_.program().facts.layouts[type].size);
        ByteReader in(bytes);
        if (!key_from_bytes(self_.program(), type, in, memory.data())) return "null";
        return json_of(self_.program(), type, memory.data(), names_);
    }

    const State& state_;
    const OpenInstance& self_;
    const Names& names_;
};

std::string fields_text(const OpenInstance& self, const Names& names) {
    std::string out;
    std::size_t stored = 0;
    for (std::uint32_t i = 0; i < self.contract->fields.size(); ++i) {
        const ContractField& field = self.contract->fields[i];
        if (field.kind == FieldKind::Vault) continue;
        out += ", \"" + field.name + "\": ";
        const bool exists = field.states == 0 || (field.states >> self.state & 1) != 0;
        if (field.kind == FieldKind::Stored)
            out += std::to_string(self.stored_counts[stored++]);
        else if (!exists)
            out += "null";
        else
            out +=
                json_of(self.program(), field.type, self.record() + self.layout->offsets[i], names);
    }
    return out;
}

} // namespace

Names Core::names_for(CurrencyCode currency) const {
    return {money_exponent(currency), [this](u64 id) {
                const auto party = state_.party(id);
                return party ? party->name : std::string();
            }};
}

std::string Core::plain_note(Trap trap, const std::string& detail) {
    const TrapInfo* const info = trap_info(trap);
    if (info == nullptr) return detail;
    std::string out = std::string(info->name) + ": " + std::string(info->what);
    if (!detail.empty()) out += ": " + detail;
    return out + "; " + std::string(info->fix);
}

std::string Core::note_of(const Receipt& receipt, const Problem& problem,
                          CurrencyCode currency) const {
    std::string out = plain_note(receipt.trap, problem.note);
    const CodePtr code = receipt.trap == Trap::Refused ? state_.code(problem.code) : nullptr;
    if (code != nullptr) {
        const NamedRecord& error = code->program->module.errors[problem.number];
        out = short_name(error.name) + ": " + error.text;
        if (error.record != none)
            out += " " +
                   json_of_bytes(*code->program, error.record, problem.fields, names_for(currency));
    }
    if (!problem.where.empty()) out += ", " + problem.where;
    return out;
}

std::unique_ptr<OpenInstance> Core::look_at(InstanceId id) {
    const auto row = state_.instance(id);
    if (!row) return nullptr;
    auto self = std::make_unique<OpenInstance>();
    prepare(*self, id, row->header, state_.code(row->header.code), caches_.arenas);
    TALLY_ASSERT(decode_record(*self, row->record), "a record of the state is damaged");
    return self;
}

std::optional<InstanceView> Core::instance(InstanceId id) {
    auto self = look_at(id);
    if (self == nullptr) return std::nullopt;
    const Names names = names_for(self->header.currency);
    InstanceView view{self->code->program,   self->header.contract, id, self->header.parent,
                      self->header.currency, self->state,           {}};
    view.json = "{\"state\": \"" + std::string(self->contract->states[self->state]) + "\"" +
                fields_text(*self, names) +
                ", \"vaults\": " + VaultText(state_, *self, names).text() + "}";
    caches_.arenas.give(std::move(self->arena));
    return view;
}

} // namespace tally
