#include "tests/agreement/bench.hpp"

#include "runtime/codec.hpp"
#include "vm/bytecode/tables.hpp"

namespace tally::agreement {

Bench::Bench(const Bytes& module, CurrencyCode currency) : stage_(caches_), currency_(currency) {
    for (u64 i = 0; i < parties; ++i) {
        const auto party = stage_.party("party " + std::to_string(i));
        static_cast<void>(stage_.account(party, currency_));
    }
    deployed_ = stage_.deploy(module, code_, message_);
}

void Bench::advance(Date to) {
    std::vector<ClauseRun> runs;
    static_cast<void>(stage_.advance(to, runs));
}

Outcome Bench::apply(const Step& step, const FnDecl& fn) {
    const auto signers = signers_of(step.signer);
    ByteWriter arguments;
    std::vector<CashIn> cash;
    for (std::size_t i = 0; i < fn.params.size(); ++i) {
        if (!fn.params[i].type->is(Kind::Cash)) {
            encode(step.arguments[i], fn.params[i].type, arguments);
            continue;
        }
        auto in = stage_.bring(signers[0], currency_, step.arguments[i].number < 0 ? 0 : step.arguments[i].number);
        in.amount = step.arguments[i].number;
        cash.push_back(in);
    }
    Receipt receipt;
    if (step.contract.empty()) {
        receipt = stage_.apply(signers, Call{step.instance, step.entry, arguments.take(), cash, 0});
    } else {
        const bool generic = !fn.contract->currency_param.empty();
        const bool child = fn.contract->parent != nullptr;
        receipt = stage_.apply(signers, Create{code_, step.contract, child ? 1U : 0U, generic && !child ? currency_ : 0, arguments.take(), cash});
    }
    note_ = receipt.note;
    const auto* trap = trap_info(receipt.trap);
    gas_used_.reset();
    if (trap == nullptr || !trap->machine) gas_used_ = static_cast<u64>(receipt.gas_used);
    Outcome out{receipt.trap, receipt.error, receipt.error_fields, receipt.result, {}};
    for (const Event& event : receipt.events) out.events.push_back({event.instance, event.name, event.fields});
    return out;
}

std::vector<StateRow> Bench::state(u64 instance) {
    std::vector<StateRow> out;
    auto self = stage_.core().look_at(instance);
    if (self == nullptr) return out;
    ByteWriter state;
    state.varint(self->state);
    out.emplace_back("state", state.take());
    for (std::uint32_t i = 0; i < self->contract->fields.size(); ++i) {
        const auto& field = self->contract->fields[i];
        const bool vault = field.kind == FieldKind::Vault;
        if (!vault && field.kind != FieldKind::Stored) {
            ByteWriter value;
            const bool good = encode_value(self->program(), field.type, self->record() + self->layout->offsets[i], value);
            out.emplace_back(field.name, good ? value.take() : to_bytes("no such value"));
            continue;
        }
        const Bytes prefix = vault ? keys::vault(instance, i, {}) : keys::element(instance, i, {});
        if (vault && self->program().module.types[field.type].kind == TypeKind::Cash) {
            ByteWriter amount;
            amount.varint128(stage_.core().state().amount_at(prefix).value_or(0));
            out.emplace_back(field.name + "[]", amount.take());
            continue;
        }
        for (auto row = stage_.core().journal().next(prefix, prefix); row; row = stage_.core().journal().next(prefix, row->first))
            out.emplace_back(field.name + "[" + hex(ByteView(row->first).subspan(prefix.size())) + "]", row->second);
    }
    caches_.arenas.give(std::move(self->arena));
    return out;
}

i128 Bench::balance(u64 party) {
    const auto account = stage_.core().state().account(stage_.account(party, currency_));
    return account ? account->balance : 0;
}

} // namespace tally::agreement
