#include "tools/vectors/run.hpp"

#include "runtime/json_text.hpp"
#include "tools/vectors/terms.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>
#include <map>

namespace tally {

namespace {

constexpr std::size_t quotes_max = 400, happenings_max = 300, credit_events_max = 100, exposures_max = 500, page = 200, events_max = 1500, covered_max = 20;
const CaseTime far_away{"2200-12-31", false};

const Json nothing;

const Json& member(const Json& object, const std::string& name) {
    const Json* const found = object.member(name);
    return found == nullptr ? nothing : *found;
}
std::string text_at(const Json& object, const std::string& name) {
    const auto& found = member(object, name);
    return found.kind == Json::Kind::Text || found.kind == Json::Kind::Number ? found.text : std::string();
}

/// A contract that is being asked; the first complaint ends it.
class Asked {
public:
    Asked(Sandbox& sandbox, const Json& one) : sandbox_(sandbox), case_(one) {}

    CaseRun run();

private:
    bool fine() const { return out_.complaint.empty(); }
    void wrong(const std::string& what) {
        if (fine()) out_.complaint = what;
    }
    /// Remembers what the terms complained of.
    void take(TermReader& terms) {
        if (!terms.complaint().empty()) wrong(terms.complaint());
    }
    std::string time_of(const std::string& what, const std::string& text) {
        const auto time = case_time(text);
        if (!time) wrong(what + ": `" + text.substr(0, 60) + "` is not a day from 1900 to 2200 at 00:00:00 or 23:59:59");
        return time ? time->json() : "null";
    }
    std::string number_of(const std::string& what, const std::string& text) {
        const auto number = case_number(text);
        if (!number) wrong(what + ": `" + text.substr(0, 60) + "` is not a number below 10^18");
        return number ? "\"" + decimal_text(number->value, decimal_scale) + "\"" : "\"0\"";
    }
    InstanceId create(const std::string& contract, const std::string& terms, const std::string& more = "");
    Json view(InstanceId instance, const std::string& name, const std::string& arguments);

    std::vector<std::pair<CaseTime, std::string>> series(const std::string& code);
    std::string quotes(const std::string& code);
    std::string market(TermReader& terms);
    std::string market_exposure(const std::string& code, const CaseTime& at);
    std::string happenings(const std::string& type, const std::vector<CaseTime>& monitored);
    std::vector<CaseRow> loan_rows(const Json& terms, const std::string& type, const std::string& role, const CaseTime& until, const std::vector<CaseTime>& monitored, bool own_events);
    void exchange(const Json& terms);
    void enhancement(const Json& terms, const std::string& type);
    std::vector<CaseRow> rows(const Json& list, const std::string& currency);

    Sandbox& sandbox_;
    const Json& case_;
    CaseTime until_ = far_away;
    CaseRun out_;
};

/// Why an answer is none, in the words of the cases where the machine's own would not help.
std::string reason(const Sandbox::Answer& answer) {
    if (answer.trap == Trap::Overflow || answer.trap == Trap::DivideByZero) return "the terms lead to a number that does not fit: " + answer.note;
    if (answer.trap == Trap::BadDate) return "the terms lead to a date outside 1900 to 2200: " + answer.note;
    if (answer.trap == Trap::Capacity) return "the terms lead to more than " + std::to_string(events_max) + " events: " + answer.note;
    return answer.note.empty() ? answer.error : answer.note;
}

InstanceId Asked::create(const std::string& contract, const std::string& terms, const std::string& more) {
    if (!fine()) return 0;
    Sandbox::Request request;
    request.signers = {"creator", "counterparty"};
    request.arguments = R"({"creator": "creator", "counterparty": "counterparty", "terms": )" + terms + more + "}";
    const auto answer = sandbox_.create(contract, "", 0, request);
    if (!answer.good()) wrong("the contract cannot be opened: " + reason(answer));
    return answer.created;
}

Json Asked::view(InstanceId instance, const std::string& name, const std::string& arguments) {
    if (!fine()) return nothing;
    const auto answer = sandbox_.view(instance, name, arguments);
    if (!answer.good()) {
        wrong(reason(answer));
        return nothing;
    }
    auto result = parse_json(answer.result);
    if (!result) wrong("the contract's answer is not JSON");
    return result ? std::move(*result) : nothing;
}

/// What was observed of a market object, in the order of time; at one time the last that is given.
std::vector<std::pair<CaseTime, std::string>> Asked::series(const std::string& code) {
    std::map<CaseTime, std::string> in_order;
    for (const auto& point : member(member(member(case_, "dataObserved"), code), "data").items) {
        const auto time = case_time(text_at(point, "timestamp"));
        if (!time) wrong("dataObserved " + code + ": `" + text_at(point, "timestamp").substr(0, 60) + "` is not a day from 1900 to 2200 at 00:00:00 or 23:59:59");
        else in_order[*time] = text_at(point, "value");
    }
    if (in_order.size() > quotes_max) wrong("dataObserved " + code + ": more than " + std::to_string(quotes_max) + " values");
    return {in_order.begin(), in_order.end()};
}

std::string Asked::quotes(const std::string& code) {
    JsonArray out;
    if (!code.empty())
        for (const auto& [at, value] : series(code)) out.raw(JsonObject().raw("at", at.json()).raw("value", number_of("dataObserved " + code, value)).done());
    return out.done();
}

std::string Asked::market(TermReader& terms) {
    const auto currency = terms.text("currency"), settlement = terms.text("settlementCurrency");
    std::string exchange;
    if (currency && settlement && *currency != *settlement) {
        exchange = *currency + "/" + *settlement;
        if (series(exchange).empty()) wrong("settlementCurrency: `" + exchange + "` was not observed");
    }
    return JsonObject()
        .raw("rates", quotes(terms.text("marketObjectCodeOfRateReset").value_or("")))
        .raw("index", quotes(terms.text("marketObjectCodeOfScalingIndex").value_or("")))
        .raw("prepayments", quotes(terms.text("objectCodeOfPrepaymentModel").value_or("")))
        .raw("exchange", quotes(exchange))
        .done();
}

/// What a covered contract is worth on the market at a time, in place of what it owes: the last price up to then, else the first.
std::string Asked::market_exposure(const std::string& code, const CaseTime& at) {
    std::string price;
    for (const auto& [time, value] : series(code)) {
        if (!price.empty() && at < time) break;
        price = value;
    }
    if (price.empty()) wrong("dataObserved " + code + ": no price of a covered contract was observed");
    return JsonObject().raw("at", at.json()).raw("notional", number_of("dataObserved " + code, price)).raw("accrued", "\"0\"").done();
}

/// The observed events of a loan, and times at which it is only looked at.
std::string Asked::happenings(const std::string& type, const std::vector<CaseTime>& monitored) {
    JsonArray out;
    std::size_t count = monitored.size();
    const bool own = monitored.empty();
    for (const auto& event : member(case_, "eventsObserved").items) {
        if (!own) break;
        const auto kind = text_at(event, "type");
        if (kind != "AD" && kind != "XD" && kind != "PR" && kind != "PP" && kind != "CE") wrong("eventsObserved: `" + kind.substr(0, 60) + "` is not an event that " + type + " observes");
        const auto value = text_at(event, "value");
        out.raw(JsonObject().raw("at", time_of("eventsObserved " + kind, text_at(event, "time"))).raw("kind", "\"" + kind + "\"").raw("value", value.empty() ? "\"0\"" : number_of("eventsObserved " + kind, value)).done());
        ++count;
    }
    for (const auto& at : monitored) out.raw(JsonObject().raw("at", at.json()).raw("kind", "\"AD\"").raw("value", "\"0\"").done());
    if (count > happenings_max) wrong("eventsObserved: more than " + std::to_string(happenings_max) + " events");
    return out.done();
}

std::vector<CaseRow> Asked::rows(const Json& list, const std::string& currency) {
    std::vector<CaseRow> out;
    const auto units = [](const Json& row, const std::string& name) { return decimal_parse(text_at(row, name), decimal_scale).value_or(0); };
    for (const auto& row : list.items) {
        const auto& at = member(row, "at");
        out.push_back({CaseTime{text_at(at, "day"), member(at, "late").text == "true"}, text_at(row, "kind"), currency, units(row, "payoff"), units(row, "notional"), units(row, "rate"), units(row, "accrued"), units(row, "exercised")});
    }
    return out;
}

/// The rows of a contract of one leg, page by page.
std::vector<CaseRow> Asked::loan_rows(const Json& json, const std::string& type, const std::string& role, const CaseTime& until, const std::vector<CaseTime>& monitored, bool own_events) {
    TermReader terms(json);
    const auto arguments = loan_terms(terms, type, role);
    const auto observed = market(terms);
    const auto happened = own_events || !monitored.empty() ? happenings(type, monitored) : std::string("[]");
    take(terms);
    if (own_events) out_.unused = terms.unused();
    const auto instance = create(type, arguments);
    std::vector<CaseRow> out;
    while (fine()) {
        auto some = rows(view(instance, "cash_flows", JsonObject().raw("market", observed).raw("happened", happened).raw("until", until.json()).number("skip", out.size()).done()), terms.text("currency").value_or(""));
        out.insert(out.end(), some.begin(), some.end());
        if (some.size() < page || out.size() > events_max) break;
    }
    return out;
}

void Asked::exchange(const Json& json) {
    TermReader terms(json);
    const auto arguments = exchange_terms(terms);
    take(terms);
    out_.unused = terms.unused();
    const auto first = terms.text("currency").value_or(""), second = terms.text("currency2").value_or("");
    const auto instance = create("FXOUT", arguments);
    const auto list = view(instance, "cash_flows", JsonObject().raw("rates", quotes(second + "/" + first)).raw("until", until_.json()).done());
    out_.rows = rows(list, first);
    for (std::size_t i = 0; i < out_.rows.size(); ++i)
        if (member(list.items[i], "second").text == "true") out_.rows[i].currency = second;
}

/// CEG, CEC: the covered contracts are asked first when they end, then what they owe at the times that matter.
void Asked::enhancement(const Json& json, const std::string& type) {
    TermReader terms(json);
    const auto arguments = enhancement_terms(terms);
    take(terms);
    out_.unused = terms.unused();
    std::vector<const Json*> covered, covering;
    std::set<std::string> identifiers;
    const auto& structure = member(json, "contractStructure");
    if (structure.kind != Json::Kind::Array) wrong("contractStructure: it is needed, a list of references");
    for (const auto& reference : structure.items) {
        const auto& object = member(reference, "object");
        const auto role = text_at(reference, "referenceRole");
        if (role == "COVE") {
            identifiers.insert(text_at(object, "contractID"));
            identifiers.insert(text_at(object, "contractIdentifier"));
            if (object.member("contractType") != nullptr) covered.push_back(&object);
        } else if (role == "COVI") {
            covering.push_back(&object);
        } else {
            wrong("contractStructure: `" + role.substr(0, 60) + "` is neither COVE nor COVI");
        }
    }
    identifiers.erase("");
    if (covered.size() > covered_max || covering.size() > covered_max) wrong("contractStructure: more than " + std::to_string(covered_max) + " references");
    const auto type_of = [&](const Json& object) {
        const auto name = text_at(object, "contractType");
        static const std::vector<std::string> loans{"PAM", "LAM", "NAM", "ANN", "LAX", "CLM", "UMP", "CSH"};
        if (std::find(loans.begin(), loans.end(), name) == loans.end()) wrong("contractStructure: a covered contract of type `" + name.substr(0, 60) + "` is not supported");
        return name;
    };

    JsonArray credit_events;
    std::size_t count = 0;
    for (const auto& event : member(case_, "eventsObserved").items) {
        const auto kind = text_at(event, "type");
        if (kind != "CE" && kind != "CD") wrong("eventsObserved: `" + kind.substr(0, 60) + "` is not an event that " + type + " observes");
        if (!identifiers.contains(text_at(event, "contractId"))) continue;
        const auto performance = text_at(member(event, "states"), "contractPerformance");
        static const std::set<std::string> known{"PF", "DL", "DQ", "DF", "MA", "TE"};
        if (!known.contains(performance)) wrong("eventsObserved: contractPerformance `" + performance.substr(0, 60) + "` is not known");
        credit_events.raw(JsonObject().raw("at", time_of("eventsObserved CE", text_at(event, "time"))).raw("performance", json_quoted(performance)).done());
        if (++count > credit_events_max) wrong("eventsObserved: more than " + std::to_string(credit_events_max) + " events");
    }
    const auto happened = credit_events.done();

    const bool at_market = terms.text("guaranteedExposure").value_or("") == "MV";
    CaseTime ends{};
    for (const Json* const object : covered) {
        if (!fine()) return;
        if (const auto maturity = case_time(text_at(*object, "maturityDate"))) {
            ends = std::max(ends, *maturity);
            continue;
        }
        if (at_market) continue; // only its price matters, it may be of any type
        const auto flows = loan_rows(*object, type_of(*object), "\"RPA\"", far_away, {}, false);
        if (!flows.empty()) ends = std::max(ends, flows.back().at);
    }
    if (const auto own = terms.text("maturityDate"); own && case_time(*own)) ends = *case_time(*own);
    if (ends.day.empty()) return wrong("maturityDate: it is needed where no covered contract with terms is given");
    if (covered.empty() && !terms.text("notionalPrincipal")) return wrong("notionalPrincipal: it is needed where no covered contract with terms is given");

    const auto things = covering.size();
    const auto instance = create(type, arguments, type == "CEC" ? ", \"things\": " + std::to_string(things) : "");
    std::set<CaseTime> needed;
    for (const auto& at : view(instance, "times", JsonObject().raw("happened", happened).raw("covered_until", ends.json()).done()).items)
        needed.insert({text_at(at, "day"), member(at, "late").text == "true"});
    JsonArray exposures;
    std::size_t exposed = 0;
    const auto too_exposed = "contractStructure: more than " + std::to_string(exposures_max) + " exposures";
    for (const Json* const object : covered) {
        if (!fine() || needed.empty()) break;
        if (at_market) {
            exposed += needed.size();
            if (exposed > exposures_max) wrong(too_exposed);
            for (const auto& at : needed) exposures.raw(market_exposure(text_at(*object, "marketObjectCode"), at));
            continue;
        }
        for (const auto& row : loan_rows(*object, type_of(*object), "\"RPA\"", far_away, {needed.begin(), needed.end()}, false)) {
            if (row.kind != "AD") continue;
            exposures.raw(JsonObject().raw("at", row.at.json()).raw("notional", "\"" + decimal_text(row.notional, decimal_scale) + "\"").raw("accrued", "\"" + decimal_text(row.accrued, decimal_scale) + "\"").done());
            if (++exposed > exposures_max) wrong(too_exposed);
        }
    }
    JsonObject question;
    question.raw("happened", happened).raw("exposures", exposures.done());
    if (type == "CEC") {
        JsonArray worths;
        for (std::size_t i = 0; i < things; ++i) {
            const auto code = text_at(*covering[i], "marketObjectCode");
            if (code.empty()) wrong("contractStructure: what covers has no marketObjectCode");
            const auto quantity = case_number(text_at(*covering[i], "quantity").empty() ? "1" : text_at(*covering[i], "quantity"));
            if (!quantity || quantity->value % decimal_one != 0 || quantity->value < 0 || quantity->value / decimal_one > 1'000'000'000) wrong("contractStructure: quantity is not a whole number up to 10^9");
            if (!fine()) return;
            for (const auto& [at, value] : series(code)) {
                const auto price = case_number(value);
                i128 worth = 0;
                if (!price || __builtin_mul_overflow(price->value, quantity->value / decimal_one, &worth)) {
                    wrong("dataObserved " + code + ": `" + value.substr(0, 60) + "` is not a price");
                    continue;
                }
                worths.raw(JsonObject().number("thing", i).raw("at", at.json()).raw("value", "\"" + decimal_text(worth, decimal_scale) + "\"").done());
            }
        }
        question.raw("worths", worths.done());
    }
    out_.rows = rows(view(instance, "cash_flows", question.raw("covered_until", ends.json()).raw("until", until_.json()).done()), terms.text("currency").value_or(""));
}

CaseRun Asked::run() {
    const auto& terms = member(case_, "terms");
    if (terms.kind != Json::Kind::Object) {
        wrong("terms: they are needed");
        return out_;
    }
    const auto type = text_at(terms, "contractType");
    const auto to = text_at(case_, "to");
    if (!to.empty()) {
        const auto time = case_time(to);
        if (!time) wrong("to: `" + to.substr(0, 60) + "` is not a day from 1900 to 2200 at 00:00:00 or 23:59:59");
        else until_ = *time;
    }
    if (!fine()) return out_;
    if (type == "FXOUT") exchange(terms);
    else if (type == "CEG" || type == "CEC") enhancement(terms, type);
    else if ((type == "UMP" || type == "CLM") && to.empty() && member(terms, "maturityDate").text.empty() && member(case_, "eventsObserved").items.empty()) wrong("to: a contract without an end needs it");
    else out_.rows = loan_rows(terms, type, "", until_, {}, true);
    return out_;
}

} // namespace

const std::vector<std::string>& case_types() {
    static const std::vector<std::string> types{"PAM", "LAM", "NAM", "ANN", "LAX", "UMP", "CLM", "CSH", "CEG", "CEC", "FXOUT"};
    return types;
}

CaseRun run_case(Sandbox& sandbox, const Json& one) { return Asked(sandbox, one).run(); }

} // namespace tally
