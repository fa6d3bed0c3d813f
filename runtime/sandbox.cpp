#include "runtime/sandbox.hpp"

#include "runtime/arguments.hpp"
#include "runtime/bench_host.hpp"
#include "runtime/json_text.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {
namespace {

std::optional<CurrencyCode> currency_of(const std::string& name) {
    if (name.empty()) return 0;
    const auto known = currency_by_name(name);
    if (!known) return std::nullopt;
    return known->code;
}

} // namespace

Sandbox::Answer Sandbox::refused(std::string what) {
    Answer answer;
    answer.trap = Trap::BadArgument;
    answer.note = answer.error = std::move(what);
    return answer;
}

struct Sandbox::Impl {
    std::vector<Bytes> modules;
    Caches caches;                     ///< verified once, whatever is begun anew
    std::unique_ptr<TestStage> stage;
    std::vector<std::pair<Hash, std::shared_ptr<const Program>>> codes; ///< in the order of the modules

    [[nodiscard]] Core& core() { return stage->core(); }

    /// An entry of an instance, or why there is none.
    struct Target {
        InstanceHeader header;
        const Program* program = nullptr;
        const Entry* entry = nullptr;
        std::string problem;
    };
    Target target(InstanceId instance, EntryKind kind, const std::string& name);

    /// The signers' numbers, and the money that the first of them brings.
    struct Prepared {
        std::vector<PartyId> signers;
        std::vector<CashIn> cash;
        Bytes arguments;
        std::optional<std::string> problem;
    };
    Prepared prepare(const Program& program, const Entry& entry, CurrencyCode currency, const Request& request);
    void take_back(const Prepared& prepared);
    Answer answer(const Receipt& receipt);
    std::string events(const std::vector<Event>& list);
};

Sandbox::Impl::Target Sandbox::Impl::target(InstanceId instance, EntryKind kind, const std::string& name) {
    Target out;
    const auto header = core().state().header(instance);
    if (!header) {
        out.problem = "there is no instance " + std::to_string(instance);
        return out;
    }
    out.header = *header;
    out.program = core().state().code(header->code)->program.get(); // the cache keeps it
    const Contract& contract = out.program->module.contracts[header->contract];
    out.entry = find_entry(contract, name);
    if (out.entry == nullptr || out.entry->kind != kind) out.problem = "`" + contract.name + "` has no " + (kind == EntryKind::View ? "view" : "action") + " `" + name + "`";
    return out;
}

Sandbox::Impl::Prepared Sandbox::Impl::prepare(const Program& program, const Entry& entry, CurrencyCode currency, const Request& request) {
    Prepared out;
    for (const std::string& name : request.signers) {
        out.signers.push_back(stage->party(name));
        if (out.signers.back() == 0) out.problem = "a party cannot be called \"" + name + "\"";
    }
    auto arguments = arguments_of_json(program, entry, request.arguments, money_exponent(currency), [this](const std::string& name) { return stage->party(name); });
    if (auto* bytes = std::get_if<Bytes>(&arguments)) out.arguments = std::move(*bytes);
    else out.problem = std::get<std::string>(arguments);
    for (const Cash& cash : request.cash) {
        if (out.problem) break;
        const auto known = currency_by_name(cash.currency);
        const auto amount = known ? decimal_parse(cash.amount, known->exponent) : std::nullopt;
        if (!amount || *amount < 0) out.problem = "`" + cash.amount + " " + cash.currency + "` is not an amount of money";
        if (out.problem || out.signers.empty()) break;
        out.cash.push_back(stage->bring(out.signers[0], known->code, *amount));
        if (out.cash.back().account == 0) {
            out.problem = "`" + cash.amount + " " + cash.currency + "` is more than can be issued";
            out.cash.pop_back();
            break;
        }
    }
    if (!request.cash.empty() && out.signers.empty()) out.problem = "money comes from the first signer: name one";
    if (out.problem) take_back(out);
    return out;
}

/// What was brought for a call that did not happen.
void Sandbox::Impl::take_back(const Prepared& prepared) {
    for (const CashIn& cash : prepared.cash) stage->take_back(cash);
}

std::string Sandbox::Impl::events(const std::vector<Event>& list) {
    JsonArray out;
    for (const Event& event : list) {
        const CodePtr code = core().state().code(event.code);
        const auto header = core().state().header(event.instance);
        std::string fields = "null";
        if (code != nullptr && event.number < code->program->module.events.size())
            fields = json_of_bytes(*code->program, code->program->module.events[event.number].record, event.fields, core().names_for(header ? header->currency : 0));
        out.raw(JsonObject().number("instance", event.instance).text("name", event.name).raw("fields", fields).done());
    }
    return out.done();
}

Sandbox::Answer Sandbox::Impl::answer(const Receipt& receipt) {
    Answer out;
    out.trap = receipt.trap;
    out.error = receipt.error;
    out.note = receipt.note;
    out.created = receipt.created;
    out.gas_used = receipt.gas_used;
    out.events = events(receipt.events);
    return out;
}

Sandbox::Sandbox(std::vector<Bytes> modules) : impl_(std::make_unique<Impl>()) {
    impl_->modules = std::move(modules);
    impl_->stage = std::make_unique<TestStage>(impl_->caches);
}
Sandbox::~Sandbox() = default;
Sandbox::Sandbox(Sandbox&&) noexcept = default;

Sandbox::Answer Sandbox::reset() {
    impl_->stage = std::make_unique<TestStage>(impl_->caches);
    impl_->codes.clear();
    for (const Bytes& module : impl_->modules) {
        Hash hash{};
        std::string message;
        if (!impl_->stage->deploy(module, hash, message)) return refused(message);
        impl_->codes.emplace_back(hash, impl_->core().state().code(hash)->program);
    }
    return {};
}

Sandbox::Answer Sandbox::party(const std::string& name) {
    Answer answer;
    answer.created = impl_->stage->party(name);
    return answer.created != 0 ? answer : refused("a party cannot be called \"" + name + "\"");
}

Sandbox::Answer Sandbox::create(const std::string& contract, const std::string& currency, InstanceId parent, const Request& request) {
    auto code = currency_of(currency);
    if (!code) return refused("`" + currency + "` is no currency of ISO 4217");
    if (parent != 0) {
        const auto header = impl_->core().state().header(parent);
        if (!header) return refused("there is no instance " + std::to_string(parent));
        code = header->currency;
    }
    for (auto at = impl_->codes.rbegin(); at != impl_->codes.rend(); ++at) {
        const Module& module = at->second->module;
        const std::string prefix = module.name + ".";
        const Contract* const found = find_contract(module, contract.starts_with(prefix) ? std::string_view(contract).substr(prefix.size()) : std::string_view(contract));
        if (found == nullptr) continue;
        const Entry* const entry = find_entry(*found, "create");
        auto prepared = impl_->prepare(*at->second, *entry, *code, request);
        if (prepared.problem) return refused(*prepared.problem);
        Create create;
        create.code = at->first;
        create.contract = found->name;
        create.parent = parent;
        if (parent == 0) create.currency = *code;
        create.arguments = std::move(prepared.arguments);
        create.cash = prepared.cash;
        const Receipt receipt = impl_->stage->apply(prepared.signers, std::move(create));
        if (receipt.trap != Trap::None) impl_->take_back(prepared);
        return impl_->answer(receipt);
    }
    return refused("no module here has a contract `" + contract + "`");
}

Sandbox::Answer Sandbox::call(InstanceId instance, const std::string& action, const Request& request) {
    const auto [header, program, entry, problem] = impl_->target(instance, EntryKind::Action, action);
    if (!problem.empty()) return refused(problem);
    auto prepared = impl_->prepare(*program, *entry, header.currency, request);
    if (prepared.problem) return refused(*prepared.problem);
    Call call;
    call.instance = instance;
    call.entry = action;
    call.arguments = std::move(prepared.arguments);
    call.cash = prepared.cash;
    const bool pays = entry->result != none && program->module.types[entry->result].kind == TypeKind::Cash;
    if (pays && !prepared.signers.empty()) call.payout = impl_->stage->account(prepared.signers[0], header.currency);
    const Receipt receipt = impl_->stage->apply(prepared.signers, std::move(call));
    if (receipt.trap != Trap::None) impl_->take_back(prepared);
    Answer answer = impl_->answer(receipt);
    if (receipt.trap == Trap::None && entry->result != none && !pays)
        answer.result = json_of_bytes(*program, entry->result, receipt.result, impl_->core().names_for(header.currency));
    return answer;
}

Sandbox::Answer Sandbox::view(InstanceId instance, const std::string& view, const std::string& arguments) {
    const auto [header, program, entry, wrong] = impl_->target(instance, EntryKind::View, view);
    if (!wrong.empty()) return refused(wrong);
    const auto known = [this](const std::string& name) { return impl_->core().state().number_at(keys::party_name(name)).value_or(0); }; // asking enrols nobody
    const auto bytes = arguments_of_json(*program, *entry, arguments, money_exponent(header.currency), known);
    if (const auto* problem = std::get_if<std::string>(&bytes)) return refused(*problem);
    const Receipt receipt = impl_->core().view(instance, view, std::get<Bytes>(bytes));
    Answer answer = impl_->answer(receipt);
    if (receipt.trap == Trap::None) answer.result = json_of_bytes(*program, entry->result, receipt.result, impl_->core().names_for(header.currency));
    return answer;
}

Sandbox::Answer Sandbox::advance(const std::string& to) {
    const auto date = date_parse(to);
    if (!date) return refused("`" + to + "` is not a date: write 2026-01-31");
    std::vector<ClauseRun> runs;
    if (!impl_->stage->advance(*date, runs)) return refused("the date is " + today() + ": it only moves ahead");
    Answer answer;
    std::vector<Event> events;
    for (const ClauseRun& run : runs) {
        events.insert(events.end(), run.receipt.events.begin(), run.receipt.events.end());
        if (run.receipt.trap == Trap::None) continue;
        answer.trap = run.receipt.trap;
        answer.error = run.receipt.error;
        answer.note = "clause " + run.clause + ": " + run.receipt.note;
    }
    answer.events = impl_->events(events);
    return answer;
}

Sandbox::Answer Sandbox::look(InstanceId instance) {
    const auto view = impl_->core().instance(instance);
    if (!view) return refused("there is no instance " + std::to_string(instance));
    Answer answer;
    answer.result = view->json;
    return answer;
}

Sandbox::Answer Sandbox::balance(const std::string& party, const std::string& currency) {
    const auto known = currency_by_name(currency);
    if (!known) return refused("`" + currency + "` is no currency of ISO 4217");
    const auto owner = impl_->core().state().number_at(keys::party_name(party));
    if (!owner) return refused("nobody here is called \"" + party + "\"");
    const auto account = impl_->core().state().number_at(keys::account_of(*owner, known->code));
    const i128 balance = account ? impl_->core().state().account(*account)->balance : 0;
    Answer answer;
    answer.result = json_quoted(decimal_text(balance, known->exponent));
    return answer;
}

std::string Sandbox::today() const { return date_text(impl_->core().today()); }

} // namespace tally
