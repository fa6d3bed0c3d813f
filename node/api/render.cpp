#include "node/api/render.hpp"

#include "node/arguments.hpp"
#include "runtime/json_text.hpp"

namespace tally {
namespace {

constexpr std::size_t instances_max = 100'000;
constexpr std::size_t parties_max = 100'000;

/// The value under the key, or what `ask` says, which is then kept unless it is empty.
template <typename Key, typename Value, typename Ask>
Value known(std::shared_mutex& mutex, std::map<Key, Value>& cache, const Key& key, std::size_t max,
            Ask ask) {
    {
        const std::shared_lock lock(mutex);
        if (const auto found = cache.find(key); found != cache.end()) return found->second;
    }
    std::optional<Value> value = ask();
    if (!value) return Value{};
    const std::lock_guard lock(mutex);
    if (cache.size() >= max) cache.clear();
    cache.emplace(key, *value);
    return std::move(*value);
}

std::string trap_name(Trap trap) {
    const TrapInfo* const info = trap_info(trap);
    return std::string(info != nullptr ? info->name : "None");
}

std::string note_of(const Receipt& receipt) {
    if (!receipt.note.empty() || receipt.trap == Trap::None) return receipt.note;
    const TrapInfo* const info = trap_info(receipt.trap);
    if (info == nullptr) return {};
    return std::string(info->what) + "; " + std::string(info->fix);
}

} // namespace

std::string render(const NodeError& error) {
    return JsonObject()
        .text("code", node_code_info(error.code).text)
        .text("what", error.what())
        .text("fix", error.fix())
        .done();
}

// ---- what the chain knows -----------------------------------------------------------------------

std::shared_ptr<const Program> Renderer::program(const Hash& code) {
    using Pointer = std::shared_ptr<const Program>;
    return known(mutex_, programs_, code, instances_max, [&]() -> std::optional<Pointer> {
        auto found =
            chain_.read([&](const Ledger& ledger, const Tip&) { return ledger.program(code); });
        if (!found) return std::nullopt;
        return found;
    });
}

std::string Renderer::party_name(PartyId id) {
    return known(mutex_, parties_, id, parties_max, [&]() -> std::optional<std::string> {
        const auto party =
            chain_.read([&](const Ledger& ledger, const Tip&) { return ledger.party(id); });
        if (!party) return std::nullopt;
        return party->name;
    });
}

std::optional<Renderer::Facts> Renderer::facts(InstanceId instance) {
    Facts found = known(mutex_, instances_, instance, instances_max, [&]() -> std::optional<Facts> {
        const auto view = chain_.read(
            [&](const Ledger& ledger, const Tip&) { return ledger.instance(instance); });
        if (!view) return std::nullopt;
        return Facts{view->program, view->contract, view->currency};
    });
    if (!found.program) return std::nullopt;
    return found;
}

Names Renderer::names(CurrencyCode currency) {
    return {money_exponent(currency), [this](u64 id) { return party_name(id); }};
}

CurrencyCode Renderer::currency_of(const Answer& answer) {
    if (answer.currency != 0 || answer.instance == 0) return answer.currency;
    const auto found = facts(answer.instance);
    return found ? found->currency : 0;
}

// ---- as JSON ------------------------------------------------------------------------------------

/// What became of each item of a batch.
std::string Renderer::items(const Receipt& receipt) {
    JsonArray out;
    for (const Receipt& item : receipt.items) {
        JsonArray events;
        for (const Event& one : item.events)
            events.raw(event(one));
        out.raw(JsonObject()
                    .number("trap", static_cast<u64>(item.trap))
                    .text("trap_name", trap_name(item.trap))
                    .text("error", item.error)
                    .number("gas_used", item.gas_used)
                    .number("created", item.created)
                    .raw("events", events.done())
                    .text("note", note_of(item))
                    .done());
    }
    return out.done();
}

std::string Renderer::event(const Event& event) {
    const auto code = program(event.code);
    const auto origin = facts(event.instance);
    std::string fields = "null";
    if (code && event.number < code->module.events.size())
        fields = json_of_bytes(*code, code->module.events[event.number].record, event.fields,
                               names(origin ? origin->currency : 0));
    return JsonObject()
        .number("instance", event.instance)
        .text("name", event.name)
        .raw("fields", fields)
        .done();
}

std::string Renderer::result(InstanceId instance, std::string_view entry, ByteView bytes) {
    const auto origin = bytes.empty() ? std::nullopt : facts(instance);
    if (!origin) return "null";
    const Entry* const found =
        find_entry(origin->program->module.contracts[origin->contract], entry);
    if (found == nullptr || found->result == none) return "null";
    return json_of_bytes(*origin->program, found->result, bytes, names(origin->currency));
}

std::string Renderer::error_fields(const Receipt& receipt, CurrencyCode currency) {
    const auto code = receipt.error.empty() ? nullptr : program(receipt.error_code);
    if (!code || receipt.error_number >= code->module.errors.size()) return "null";
    const std::uint32_t record = code->module.errors[receipt.error_number].record;
    return json_of_bytes(*code, record, receipt.error_fields, names(currency));
}

std::string Renderer::answer(const Result<Answer>& answer, bool brief) {
    if (!answer) return JsonObject().raw("rejected", render(answer.error())).done();
    if (!brief) return full(*answer);
    const Receipt& receipt = answer->receipt;
    return JsonObject()
        .number("trap", static_cast<u64>(receipt.trap))
        .number("gas_used", receipt.gas_used)
        .number("created", receipt.created)
        .number("height", answer->height)
        .raw("result", result(answer->instance, answer->entry, receipt.result))
        .done();
}

std::string Renderer::admitted(const Result<Answer>& answer) {
    if (!answer) return JsonObject().raw("rejected", render(answer.error())).done();
    return JsonObject().text("tx", hex(answer->id)).text("intent", hex(answer->intent)).flag("admitted", true).done();
}

std::string Renderer::full(const Answer& answer) {
    const Receipt& receipt = answer.receipt;
    JsonArray events;
    for (const Event& one : receipt.events)
        events.raw(event(one));
    JsonObject out;
    out.text("tx", hex(answer.id))
        .text("intent", hex(answer.intent))
        .number("height", answer.height)
        .flag("duplicate", answer.duplicate)
        .number("trap", static_cast<u64>(receipt.trap))
        .text("trap_name", trap_name(receipt.trap))
        .text("error", receipt.error)
        .raw("error_fields", receipt.error.empty() ? std::string("null")
                                                   : error_fields(receipt, currency_of(answer)))
        .number("gas_used", receipt.gas_used)
        .number("created", receipt.created)
        .raw("result", result(answer.instance, answer.entry, receipt.result))
        .raw("events", events.done())
        .text("note", note_of(receipt));
    if (receipt.code != Hash{}) out.text("code", hex(receipt.code));
    if (!receipt.items.empty()) out.raw("items", items(receipt));
    return out.done();
}

std::string Renderer::instance(const InstanceView& view) {
    const Contract& contract = view.program->module.contracts[view.contract];
    JsonObject out;
    out.number("id", view.id)
        .text("module", view.program->module.name)
        .text("contract", contract.name)
        .text("code", hex(view.program->hash));
    if (view.parent != 0) out.number("parent", view.parent);
    if (view.currency != 0) out.text("currency", currency_name(view.currency));
    if (view.state < contract.states.size()) out.text("state", contract.states[view.state]);
    return out.raw("fields", view.json).done();
}

std::string Renderer::block(const BlockRecord& block) {
    JsonArray clauses, transactions;
    for (const ClauseRun& run : block.clauses) {
        JsonArray events;
        for (const Event& one : run.receipt.events)
            events.raw(event(one));
        clauses.raw(JsonObject()
                        .number("instance", run.instance)
                        .text("clause", run.clause)
                        .text("date", date_text(run.date))
                        .number("trap", static_cast<u64>(run.receipt.trap))
                        .text("trap_name", trap_name(run.receipt.trap))
                        .text("error", run.receipt.error)
                        .number("gas_used", run.receipt.gas_used)
                        .raw("events", events.done())
                        .done());
    }
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto decoded = decode_envelope(block.transactions[i]);
        const Receipt& receipt = block.receipts[i];
        transactions.raw(JsonObject()
                             .text("tx", decoded ? hex(decoded->id) : std::string())
                             .text("bytes", hex(block.transactions[i]))
                             .number("trap", static_cast<u64>(receipt.trap))
                             .number("gas_used", receipt.gas_used)
                             .number("created", receipt.created)
                             .done());
    }
    return JsonObject()
        .number("height", block.height)
        .text("date", date_text(block.date))
        .text("parent", hex(block.parent))
        .text("root", hex(block.root))
        .raw("clauses", clauses.done())
        .raw("transactions", transactions.done())
        .done();
}

} // namespace tally
