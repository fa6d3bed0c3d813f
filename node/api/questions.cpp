// The routes that ask: each gives the members of its answer.
#include "node/api/query.hpp"
#include "node/api/rights.hpp"
#include "node/arguments.hpp"
#include "node/postings.hpp"
#include "node/proofs.hpp"
#include "runtime/json_text.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/parameters.hpp"
#include "runtime/rights.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::string_view version = "0.1.0";
constexpr u64 page_max = 1000;
constexpr std::size_t stream_page_bytes = 256 * 1024; ///< what a stream holds in memory, and an event
constexpr u64 statement_entries_max = 20'000; ///< more would hold up the next block for too long

NodeError missing(std::string detail) { return {NodeCode::NotFound, std::move(detail)}; }

/// `"name": {…}`
std::string named(std::string_view name, const std::string& json) {
    return json_quoted(name) + ": " + json;
}

/// An event as JSON with the height in front.
std::string placed(u64 height, const std::string& event) {
    return "{\"height\": " + json_number(height) + ", " + event.substr(1);
}

std::optional<IntentId> intent_of(std::string_view text) {
    Bytes bytes;
    IntentId intent{};
    if (!unhex(text, bytes) || bytes.size() != intent.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), intent.begin());
    return intent;
}

/// Quoted, or null.
std::string institution_name(const Ledger& ledger, InstitutionId id) {
    const auto institution = ledger.institution(id);
    return institution ? json_quoted(institution->name) : "null";
}

std::optional<Hash> hash_of(std::string_view text) {
    Bytes bytes;
    Hash hash{};
    if (!unhex(text, bytes) || bytes.size() != hash.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    return hash;
}

} // namespace

Result<u64> Routes::height_of(const Query& query) const {
    const u64 tip = chain_.read([](const Ledger&, const Tip& now) { return now.height; });
    const std::string on = query.text("on");
    if (on.empty()) {
        const auto height = query.number("at_height", tip);
        if (!height) return bad_parameter("`at_height` is a number");
        return *height;
    }
    const auto date = date_parse(on);
    if (!date || !query.text("at_height").empty())
        return bad_parameter("`on` is a date such as 2026-01-31, and stands without `at_height`");
    const auto height = chain_.height_at(*date);
    if (!height) return missing("the ledger begins after " + on);
    return *height;
}

Routes::Body Routes::about(const Query& query, const std::function<Body(const Ledger&)>& ask) const {
    if (query.text("at_height").empty() && query.text("on").empty())
        return chain_.read([&](const Ledger& ledger, const Tip&) { return ask(ledger); });
    const auto height = height_of(query);
    if (!height) return height.error();
    Body out = std::string();
    const auto problem = chain_.ask_past(*height, [&](const Chain::Past& past) {
        out = ask(past.ledger);
        if (out) *out = "\"at_height\": " + json_number(past.height) + ", \"at_root\": \"" + hex(past.root) + "\", " + *out;
    });
    if (problem) return *problem;
    return out;
}

Routes::Body Routes::status(const Query&) {
    return chain_.read([](const Ledger& ledger, const Tip& tip) {
        const std::string all = JsonObject()
                                    .text("chain", tip.chain)
                                    .text("business_date", date_text(ledger.business_date()))
                                    .flag("work_pending", ledger.work_pending())
                                    .number("transactions", tip.transactions)
                                    .number("instances", ledger.instance_count())
                                    .number("starts", tip.starts)
                                    .text("version", version)
                                    .done();
        return all.substr(1, all.size() - 2);
    });
}

Routes::Body Routes::receipt(const Query& query) {
    const auto intent = intent_of(query.part);
    if (!intent) return bad_parameter("an intent is 32 hexadecimal digits");
    const auto answer = chain_.answer_of(*intent);
    if (!answer) return missing("no block holds this intent");
    return named("receipt", renderer_.answer(*answer, false));
}

Routes::Body Routes::instance(const Query& query) {
    const auto id = whole_number(query.part);
    if (!id) return bad_parameter("an instance is a number");
    return about(query, [&](const Ledger& ledger) -> Body {
        const auto view = ledger.instance(*id);
        if (!view) return missing("instance " + query.part);
        return named("instance", renderer_.instance(*view));
    });
}

Routes::Body Routes::instances(const Query& query) {
    const auto from = query.number("from", 1), limit = query.number("limit", 100);
    if (!from || !limit || *limit == 0 || *limit > page_max)
        return bad_parameter("`from` is a number, `limit` at most 1000");
    return about(query, [&](const Ledger& ledger) -> Body {
        JsonArray out;
        const u64 count = ledger.instance_count();
        u64 id = std::max<u64>(*from, 1);
        for (u64 left = *limit; left != 0 && id <= count; --left, ++id)
            if (const auto view = ledger.instance(id)) out.raw(renderer_.instance(*view));
        return named("instances", out.done()) +
               ", \"next\": " + (id <= count ? json_number(id) : "null");
    });
}

Routes::Body Routes::events(const Query& query) {
    const auto from = query.number("from_height", 1), limit = query.number("limit", page_max);
    const auto first = query.number("skip", 0);
    if (!from || !first || !limit || *limit == 0 || *limit > page_max)
        return bad_parameter("`from_height` and `skip` are numbers, `limit` at most 1000");
    JsonArray out;
    u64 left = *limit;
    const EventPlace next = walk_events(chain_, {*from, *first}, [&](EventPlace behind, const Event& event) {
        out.raw(placed(behind.height, renderer_.event(event)));
        return --left != 0;
    });
    return named("events", out.done()) + ", \"next_height\": " + json_number(next.height) +
           ", \"next_skip\": " + json_number(next.skip);
}

Result<EventPlace> Routes::stream_place(const ApiRequest& request, const Query& query) {
    const auto from = query.number("from_height", 1), skip = query.number("skip", 0);
    if (!from || !skip) return bad_parameter("`from_height` and `skip` are numbers");
    if (request.last_event_id.empty()) return EventPlace{*from, *skip};
    // The browser asks again with the address of the first time: what it had last says more.
    const std::string_view last = request.last_event_id;
    const std::size_t dot = last.find('.');
    const auto height = whole_number(last.substr(0, dot));
    const auto behind = dot == std::string_view::npos ? std::nullopt : whole_number(last.substr(dot + 1));
    if (!height || !behind) return bad_parameter("`Last-Event-ID` is HEIGHT.SKIP");
    return EventPlace{*height, *behind};
}

Routes::StreamPage Routes::stream_page(EventPlace from) {
    StreamPage page;
    page.next = walk_events(chain_, from, [&](EventPlace behind, const Event& event) {
        page.text += "id: " + std::to_string(behind.height) + "." + std::to_string(behind.skip) +
                     "\ndata: " + placed(behind.height, renderer_.event(event)) + "\n\n";
        return page.text.size() < stream_page_bytes;
    });
    page.is_last = page.next.height > chain_.read([](const Ledger&, const Tip& now) { return now.height; });
    return page;
}

Routes::Body Routes::party(const Query& query) {
    return about(query, [&](const Ledger& ledger) -> Body {
        auto id = whole_number(query.part);
        if (!id) id = ledger.party_by_name(query.part);
        const auto party = id ? ledger.party(*id) : std::nullopt;
        if (!party) return missing("party `" + query.part + "`");
        JsonArray roles, currencies;
        for (const std::string& role : role_names(party->roles))
            roles.raw(json_quoted(role));
        for (const CurrencyCode one : party->issuer_of)
            currencies.raw(json_quoted(currency_name(one)));
        return named("party", JsonObject()
                                  .number("id", *id)
                                  .text("name", party->name)
                                  .text("key", key_text(party->key))
                                  .raw("roles", roles.done())
                                  .raw("issuer_of", currencies.done())
                                  .raw("institution", institution_name(ledger, party->institution))
                                  .number("until", party->until)
                                  .flag("revoked", party->revoked)
                                  .text("certificate", party->certificate == Hash{} ? "" : hex(party->certificate))
                                  .done());
    });
}

namespace {

std::string institution_json(const Ledger& ledger, InstitutionId id) {
    const Institution one = *ledger.institution(id);
    return JsonObject()
        .number("id", id)
        .text("name", one.name)
        .text("lei", one.lei)
        .text("root_certificate", one.root_certificate == Hash{} ? "" : hex(one.root_certificate))
        .flag("votes", one.votes)
        .flag("suspended", one.suspended)
        .number("officers", u64{one.officers})
        .number("officers_needed", u64{one.officers_needed})
        .text("house", ledger.party(one.house)->name)
        .text("board", ledger.party(one.board)->name)
        .done();
}

/// By number or by name: the institution of the house that is called so.
std::optional<InstitutionId> institution_called(const Ledger& ledger, const std::string& text) {
    if (const auto id = whole_number(text)) return ledger.institution(*id) ? id : std::nullopt;
    const auto house = ledger.party_by_name(text);
    const auto id = house ? ledger.party(*house)->institution : 0;
    const auto found = ledger.institution(id);
    return found && found->house == *house ? std::optional(id) : std::nullopt;
}

} // namespace

Routes::Body Routes::institution(const Query& query) {
    return about(query, [&](const Ledger& ledger) -> Body {
        const auto id = institution_called(ledger, query.part);
        if (!id) return missing("institution `" + query.part + "`");
        return named("institution", institution_json(ledger, *id));
    });
}

Routes::Body Routes::institutions(const Query& query) {
    return about(query, [&](const Ledger& ledger) -> Body {
        JsonArray out;
        for (InstitutionId id = 1; id <= ledger.institution_count(); ++id)
            out.raw(institution_json(ledger, id));
        const auto paused = ledger.paused_until();
        return named("institutions", out.done()) + ", \"governance\": " + json_number(ledger.governance()) +
               ", \"paused_until\": " + (paused ? json_quoted(date_text(*paused)) : "null");
    });
}

Routes::Body Routes::rights(const Query&) {
    return chain_.read([](const Ledger& ledger, const Tip&) -> Body {
        const bool shared = ledger.institution_count() != 0;
        JsonArray kinds, values;
        for (const PayloadRule& rule : payload_rules) {
            JsonArray roles;
            for (const std::string& role : role_names(shared ? rule.roles : 0))
                roles.raw(json_quoted(role));
            kinds.raw(JsonObject()
                          .text("transaction", rule.name)
                          .text("needs", right_text(rule.right, shared))
                          .raw("roles", roles.done())
                          .flag("while_paused", rule.while_paused)
                          .done());
        }
        for (const ParameterInfo& one : parameters())
            values.raw(JsonObject()
                           .text("name", one.name)
                           .number("value", ledger.parameter(one.parameter))
                           .number("floor", one.floor)
                           .number("ceiling", one.ceiling)
                           .text("meaning", one.meaning)
                           .done());
        return named("rights", kinds.done()) + ", \"parameters\": " + values.done();
    });
}

Routes::Body Routes::account(const Query& query) {
    return about(query, [&](const Ledger& ledger) -> Body {
        auto id = whole_number(query.text("id"));
        const auto currency = currency_by_name(query.text("currency"));
        const std::string owner_name = query.text("owner");
        if (!id && (!currency || owner_name.empty()))
            return bad_parameter("name the account: ?id=N, or ?owner=NAME&currency=USD");
        const auto owner = id ? std::nullopt : ledger.party_by_name(owner_name);
        if (owner) id = ledger.account_of(*owner, currency->code);
        const auto account = id ? ledger.account(*id) : std::nullopt;
        if (!account) return missing("account");
        const auto party = ledger.party(account->owner);
        const int exponent = money_exponent(account->currency);
        return named("account", JsonObject()
                                    .number("id", *id)
                                    .text("owner", party ? party->name : std::string())
                                    .text("currency", currency_name(account->currency))
                                    .text("balance", decimal_text(account->balance, exponent))
                                    .done());
    });
}

Routes::Body Routes::code(const Query& query) {
    const auto hash = hash_of(query.part);
    if (!hash) return bad_parameter("a code hash is 64 hexadecimal digits");
    const auto program =
        chain_.read([&](const Ledger& ledger, const Tip&) { return ledger.program(*hash); });
    if (!program) return missing("module " + query.part);
    return named("name", json_quoted(program->module.name)) + ", " +
           named("code", json_quoted(hex(*hash))) + ", " +
           named("module", json_quoted(hex(encode(program->module))));
}

Routes::Body Routes::module(const Query& query) {
    const auto hash = chain_.latest_code(query.part);
    if (!hash) return missing("module `" + query.part + "`");
    return named("name", json_quoted(query.part)) + ", " + named("code", json_quoted(hex(*hash)));
}

Routes::Body Routes::block(const Query& query) {
    const auto height = whole_number(query.part);
    if (!height) return bad_parameter("a height is a number");
    const auto record = chain_.block(*height);
    if (!record) return missing("block " + query.part);
    return named("block", renderer_.block(*record));
}

Routes::Body Routes::view(const Query& query) {
    const auto tree = parse_json(query.body);
    const Json* const instance = tree ? tree->member("instance") : nullptr;
    const Json* const entry_name = tree ? tree->member("entry") : nullptr;
    const Json* const arguments = tree ? tree->member("arguments") : nullptr;
    const auto id = instance != nullptr ? whole_number(instance->text) : std::nullopt;
    if (!id || entry_name == nullptr || entry_name->kind != Json::Kind::Text)
        return NodeError{NodeCode::BadJson,
                         "{\"instance\": N, \"entry\": \"…\", \"arguments\": {…}}"};
    const auto facts = renderer_.facts(*id);
    if (!facts) return missing("instance " + instance->text);
    const Entry* const entry =
        find_entry(facts->program->module.contracts[facts->contract], entry_name->text);
    if (entry == nullptr || entry->kind != EntryKind::View)
        return missing("view `" + entry_name->text + "`");
    return about(query, [&](const Ledger& ledger) -> Body {
        const auto party = [&](const std::string& name) {
            return ledger.party_by_name(name).value_or(0);
        };
        const auto bytes =
            encode_arguments(*facts->program, *entry, arguments ? json_text(*arguments) : "{}",
                             money_exponent(facts->currency), party);
        if (!bytes) return bytes.error();
        Answer answer;
        answer.receipt = ledger.view(*id, entry->name, *bytes);
        answer.entry = entry->name;
        answer.instance = *id;
        if (answer.receipt.trap != Trap::None)
            return named("failed", renderer_.answer(answer, false));
        return named("result", renderer_.result(*id, entry->name, answer.receipt.result));
    });
}

// ---- proofs -------------------------------------------------------------------------------------

Routes::Body Routes::row_proof(const Query& query) {
    Bytes key;
    if (!unhex(query.part, key) || key.empty())
        return bad_parameter("a row's key is hexadecimal, see docs/formats.md");
    const auto height = height_of(query);
    if (!height) return height.error();
    const auto proof = prove_row(chain_, key, *height);
    if (!proof) return proof.error();
    return named("row", JsonObject()
                            .number("at_height", proof->height)
                            .text("at_root", hex(proof->root))
                            .text("key", hex(key))
                            .raw("value", proof->value ? json_quoted(hex(*proof->value)) : "null")
                            .text("ics23", hex(proof->proof))
                            .done());
}

Routes::Body Routes::receipt_proof(const Query& query) {
    const auto intent = intent_of(query.part);
    if (!intent) return bad_parameter("an intent is 32 hexadecimal digits");
    const auto height = height_of(query);
    if (!height) return height.error();
    const auto file = prove_receipt(chain_, *intent, *height);
    if (!file) return file.error();
    return named("proof", json_quoted(hex(*file)));
}

Routes::Body Routes::postings(const Query& query) {
    const auto id = posting_id(chain_, query.part);
    if (!id) return id.error();
    const auto may_ask = [&](Rule rule, const Asked& asked) {
        return chain_.read([&](const Ledger& ledger, const Tip&) { return !refused(rule, *query.caller, asked, chain_, ledger); });
    };
    const auto may_read = [&](const Posting& posting) {
        const std::string number = std::to_string(posting.id);
        return posting.kind == Posting::Kind::Account ? may_ask(Rule::OfAccount, {{}, number, {}, 0}) : may_ask(Rule::OfInstance, {number, {}, {}, 0});
    };
    return explain_postings(chain_, *id, {may_ask(Rule::OfItem, {query.part, {}, {}, 0}), may_read});
}

Routes::Body Routes::statement(const Query& query) {
    auto id = whole_number(query.part);
    if (!id)
        id = chain_.read([&](const Ledger& ledger, const Tip&) { return ledger.party_by_name(query.part); });
    if (!id) return missing("party `" + query.part + "`");
    const auto height = height_of(query);
    if (!height) return height.error();
    const u64 entries = chain_.read([&](const Ledger& ledger, const Tip&) { return ledger.book_size(*id); });
    if (entries > statement_entries_max)
        return NodeError{NodeCode::StatementTooLarge, std::to_string(entries) + " entries"};
    const auto file = prove_statement(chain_, *id, *height);
    if (!file) return file.error();
    return named("at_height", json_number(*height)) + ", " + named("statement", json_quoted(hex(*file)));
}

} // namespace tally
