#include "tools/vectors/terms.hpp"

#include "runtime/json_text.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>

namespace tally {

namespace {

using Choices = std::vector<std::pair<std::string, std::string>>;

const Choices roles{{"RPA", "RPA"}, {"RPL", "RPL"}, {"CLO", "CLO"}, {"CNO", "CNO"}, {"COL", "COL"}, {"LG", "LG"}, {"ST", "ST"}, {"BUY", "BUY"}, {"SEL", "SEL"}, {"RFL", "RFL"}, {"PFL", "PFL"}, {"RF", "RF"}, {"PF", "PF"},
                    {"UDL", "COL"}, {"UDLP", "COL"}, {"UDLM", "RPL"}}; // underlying, of a plus or a minus: the sign is all that matters
const Choices conventions{{"A360", "A360"}, {"A/360", "A360"}, {"A365", "A365"}, {"A/365", "A365"}, {"AA", "AA"}, {"A/AISDA", "AA"}, {"30E360", "E30_360"}, {"30E/360", "E30_360"}, {"30E360ISDA", "E30_360_ISDA"}, {"30E/360ISDA", "E30_360_ISDA"}, {"28E336", "E28_336"}, {"28E/336", "E28_336"}, {"30U360", "U30_360"}, {"30/360", "A30_360"}, {"30A360", "A30_360"}, {"B252", "B252"}, {"BUS252", "B252"}, {"NL365", "NL365"}, {"AFB", "AFB"}};
const Choices month_ends{{"SD", "SD"}, {"EOM", "EOM"}};
const Choices business_days{{"NOS", "NOS"}, {"NULL", "NOS"}, {"NONE", "NOS"}, {"SCF", "SCF"}, {"SCMF", "SCMF"}, {"CSF", "CSF"}, {"CSMF", "CSMF"}, {"SCP", "SCP"}, {"SCMP", "SCMP"}, {"CSP", "CSP"}, {"CSMP", "CSMP"}};
const Choices calendars{{"NC", "none"}, {"NOCALENDAR", "none"}, {"NO_CALENDAR", "none"}, {"NoHoliday", "none"}, {"NoHolidays", "none"}, {"NoHolidayCalendar", "none"}, {"MF", "weekends"}, {"MondayToFriday", "weekends"}, {"MONDAY_TO_FRIDAY", "weekends"}};
const Choices interest_bases{{"NT", "NT"}, {"NTIED", "NTIED"}, {"NTL", "NTL"}};
const Choices fee_bases{{"A", "A"}, {"N", "N"}};
const Choices penalties{{"O", "O"}, {"NO", "O"}, {"A", "A"}, {"N", "N"}, {"I", "I"}};

/// Terms that name parties and things, or say what the contract's events do not depend on.
const std::set<std::string> mere_names{"contractType", "contractID", "contractIdentifier", "contractDealDate", "creatorID", "counterpartyID", "currency", "currency2", "settlementCurrency", "marketObjectCode", "marketObjectCodeOfRateReset", "marketObjectCodeOfScalingIndex", "objectCodeOfPrepaymentModel", "contractPerformance", "contractStructure", "fixingDays", "fixingPeriod", "seniority", "guaranteedExposure", "creditEventTypeCovered", "deliverySettlement", "exerciseDate", "exerciseAmount", "marketValueObserved", "amortizationDate", "gracePeriod", "delinquencyPeriod", "delinquencyRate", "nonPerformingDate"};

/// JSON members of record terms: what both ends of a date are shifted by.
void days_and_calendar(TermReader& t, JsonObject& out) {
    const auto calendar = t.choice("calendar", calendars, "\"none\"");
    const auto convention = t.choice("businessDayConvention", business_days, "\"NOS\"");
    // Without a calendar every day is a business day: nothing is shifted.
    out.raw("business_days", calendar == "\"none\"" ? "\"NOS\"" : convention);
    out.raw("calendar", R"({"closed": [], "open": [], "from": "1900-01-01", "until": "2200-12-31", "beyond": "WeekendsOnly"})");
}

void purchase_and_termination(TermReader& t, JsonObject& out) {
    out.raw("purchase", t.time("purchaseDate")).raw("purchase_price", t.number("priceAtPurchaseDate", "\"0\""));
    out.raw("termination", t.time("terminationDate")).raw("termination_price", t.number("priceAtTerminationDate", "\"0\""));
}

void fees(TermReader& t, JsonObject& out) {
    out.raw("fee_rate", t.number("feeRate")).raw("fee_basis", t.choice("feeBasis", fee_bases, "\"A\"")).raw("fee_accrued", t.number("feeAccrued"));
    out.raw("fee_anchor", t.time("cycleAnchorDateOfFee")).raw("fee_cycle", t.cycle("cycleOfFee"));
}

/// The k-th of an array schedule's cycles: one for each anchor, or the first for all; none at all.
std::string cycle_at(TermReader& t, const std::string& name, const std::vector<std::string>& cycles, std::size_t anchors, std::size_t k) {
    if (cycles.empty()) return "null";
    if (cycles.size() != anchors && cycles.size() != 1) t.wrong(name, "it has " + std::to_string(cycles.size()) + " elements for " + std::to_string(anchors) + " anchors");
    return t.cycle_of(name, cycles[std::min(k, cycles.size() - 1)]);
}

/// The k-th element, the same for each if there is only one.
std::string element(TermReader& t, const std::string& name, const std::vector<std::string>& values, std::size_t count, std::size_t k) {
    if (values.size() != count && values.size() != 1) {
        t.wrong(name, "it has " + std::to_string(values.size()) + " elements for " + std::to_string(count) + " anchors");
        return "";
    }
    return values[std::min(k, values.size() - 1)];
}

constexpr std::size_t pieces_max = 40;

std::vector<std::string> anchors_of(TermReader& t, const std::string& name) {
    auto out = t.texts(name);
    if (out.size() > pieces_max) t.wrong(name, "it has more than " + std::to_string(pieces_max) + " elements");
    return t.complaint().empty() ? out : std::vector<std::string>{};
}

/// One object for each anchor of an array schedule: the anchor, its cycle, and what `more` adds for the k-th.
template <typename More> std::string pieces(TermReader& t, const std::string& anchor_name, const std::string& cycle_name, More more) {
    JsonArray out;
    const auto anchors = anchors_of(t, anchor_name);
    const auto cycles = t.texts(cycle_name);
    for (std::size_t k = 0; k < anchors.size() && t.complaint().empty(); ++k) {
        JsonObject piece;
        piece.raw("anchor", t.time_of(anchor_name, anchors[k])).raw("cycle", cycle_at(t, cycle_name, cycles, anchors.size(), k));
        more(piece, anchors.size(), k);
        out.raw(piece.done());
    }
    return out.done();
}

std::string payment_pieces(TermReader& t) {
    return pieces(t, "arrayCycleAnchorDateOfInterestPayment", "arrayCycleOfInterestPayment", [](JsonObject&, std::size_t, std::size_t) {});
}

std::string principal_pieces(TermReader& t) {
    const auto amounts = t.texts("arrayNextPrincipalRedemptionPayment");
    const auto ways = t.texts("arrayIncreaseDecrease");
    return pieces(t, "arrayCycleAnchorDateOfPrincipalRedemption", "arrayCycleOfPrincipalRedemption", [&](JsonObject& piece, std::size_t count, std::size_t k) {
        const auto way = element(t, "arrayIncreaseDecrease", ways, count, k);
        if (way != "INC" && way != "DEC") t.wrong("arrayIncreaseDecrease", "`" + way + "` is neither INC nor DEC");
        piece.raw("amount", t.number_of("arrayNextPrincipalRedemptionPayment", element(t, "arrayNextPrincipalRedemptionPayment", amounts, count, k))).flag("increase", way == "INC");
    });
}

std::string rate_pieces(TermReader& t) {
    const auto rates = t.texts("arrayRate");
    const auto ways = t.texts("arrayFixedVariable");
    return pieces(t, "arrayCycleAnchorDateOfRateReset", "arrayCycleOfRateReset", [&](JsonObject& piece, std::size_t count, std::size_t k) {
        const auto way = element(t, "arrayFixedVariable", ways, count, k);
        const bool fixed = way == "FIX" || way == "F";
        if (!fixed && way != "VAR" && way != "V") t.wrong("arrayFixedVariable", "`" + way + "` is none of FIX, F, VAR, V");
        piece.raw("rate", t.number_of("arrayRate", element(t, "arrayRate", rates, count, k))).flag("variable", !fixed);
    });
}

/// Whether two abbreviations are the same but for upper and lower case.
bool same_letters(const std::string& a, const std::string& b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return upper(x) == upper(y); });
}

bool scales(TermReader& t, char what) {
    const auto effect = t.text("scalingEffect").value_or("OOO");
    if (effect.size() > 3 || effect.find_first_not_of("ION0M") != std::string::npos) t.wrong("scalingEffect", "`" + effect + "` is not of the form IOO, ONO, INO");
    return effect.find(what) != std::string::npos;
}

} // namespace

std::optional<std::string> TermReader::text(const std::string& name) {
    asked_.insert(name);
    const Json* const member = terms_.member(name);
    if (member == nullptr || member->kind == Json::Kind::Null) return std::nullopt;
    if (member->kind == Json::Kind::Array || member->kind == Json::Kind::Object) {
        wrong(name, "it is a text or a number");
        return std::nullopt;
    }
    const auto from = member->text.find_first_not_of(" \t");
    if (from == std::string::npos) return std::nullopt;
    return member->text.substr(from, member->text.find_last_not_of(" \t") - from + 1);
}

std::vector<std::string> TermReader::texts(const std::string& name) {
    const Json* const member = terms_.member(name);
    if (member == nullptr || member->kind != Json::Kind::Array) {
        const auto one = text(name);
        return one ? std::vector{*one} : std::vector<std::string>{};
    }
    asked_.insert(name);
    std::vector<std::string> out;
    for (const auto& item : member->items) {
        if (item.kind == Json::Kind::Array || item.kind == Json::Kind::Object) wrong(name, "its elements are texts or numbers");
        out.push_back(item.text);
    }
    return out;
}

std::string TermReader::number_of(const std::string& name, const std::string& text) {
    const auto value = case_number(text);
    if (value) return "\"" + decimal_text(value->value, decimal_scale) + "\"";
    wrong(name, "`" + text.substr(0, 60) + "` is not a number below 10^18");
    return "\"0\"";
}
std::string TermReader::time_of(const std::string& name, const std::string& text) {
    if (const auto value = case_time(text)) return value->json();
    wrong(name, "`" + text.substr(0, 60) + "` is not a day from 1900 to 2200 at 00:00:00 or 23:59:59");
    return "null";
}
std::string TermReader::cycle_of(const std::string& name, const std::string& text) {
    if (const auto value = case_cycle(text)) return *value;
    wrong(name, "`" + text.substr(0, 60) + "` is not a cycle like P1ML0");
    return "null";
}

std::string TermReader::number(const std::string& name, const std::string& otherwise) {
    const auto value = text(name);
    return value ? number_of(name, *value) : otherwise;
}
std::string TermReader::needed_number(const std::string& name) {
    auto out = number(name);
    if (out == "null") wrong(name, "it is needed");
    return out;
}
std::string TermReader::time(const std::string& name) {
    const auto value = text(name);
    return value ? time_of(name, *value) : "null";
}
std::string TermReader::needed_time(const std::string& name) {
    auto out = time(name);
    if (out == "null") wrong(name, "it is needed");
    return out;
}
std::string TermReader::cycle(const std::string& name) {
    const auto value = text(name);
    return value ? cycle_of(name, *value) : "null";
}
std::string TermReader::choice(const std::string& name, const std::vector<std::pair<std::string, std::string>>& choices, const std::string& otherwise) {
    const auto value = text(name);
    if (!value && !otherwise.empty()) return otherwise;
    for (const auto& [written, stands_for] : choices)
        if (value && same_letters(*value, written)) return "\"" + stands_for + "\"";
    wrong(name, value ? "`" + value->substr(0, 60) + "` is not known" : "it is needed");
    return "null";
}

void TermReader::wrong(const std::string& name, const std::string& what) {
    if (complaint_.empty()) complaint_ = name + ": " + what;
}

std::vector<std::string> TermReader::unused() const {
    std::vector<std::string> out;
    for (const auto& name : terms_.names)
        if (!asked_.contains(name) && !mere_names.contains(name)) out.push_back(name);
    return out;
}

std::string loan_terms(TermReader& t, const std::string& type, const std::string& role) {
    JsonObject out;
    out.raw("role", role.empty() ? t.choice("contractRole", roles, "") : role);
    out.raw("status_date", t.needed_time("statusDate"));
    out.raw("initial_exchange", type == "CSH" ? "null" : t.needed_time("initialExchangeDate"));
    out.raw("maturity", t.time("maturityDate")).raw("amortization", t.time("amortizationDate"));
    out.raw("notional", t.needed_number("notionalPrincipal")).raw("premium", t.number("premiumDiscountAtIED", "\"0\""));
    const auto rate = t.number("nominalInterestRate");
    out.raw("rate", rate).raw("accrued", t.number("accruedInterest"));
    out.raw("convention", t.choice("dayCountConvention", conventions, rate == "null" ? "\"A365\"" : ""));
    out.raw("month_end", t.choice("endOfMonthConvention", month_ends, "\"SD\""));
    days_and_calendar(t, out);
    purchase_and_termination(t, out);
    out.raw("payment_anchor", t.time("cycleAnchorDateOfInterestPayment")).raw("payment_cycle", t.cycle("cycleOfInterestPayment"));
    out.raw("capitalize_until", t.time("capitalizationEndDate"));
    out.raw("principal_anchor", t.time("cycleAnchorDateOfPrincipalRedemption")).raw("principal_cycle", t.cycle("cycleOfPrincipalRedemption"));
    out.raw("next_principal", t.number("nextPrincipalRedemptionPayment"));
    out.raw("base", t.choice("interestCalculationBase", interest_bases, "\"NT\"")).raw("base_amount", t.number("interestCalculationBaseAmount"));
    out.raw("base_anchor", t.time("cycleAnchorDateOfInterestCalculationBase")).raw("base_cycle", t.cycle("cycleOfInterestCalculationBase"));
    out.raw("reset_anchor", t.time("cycleAnchorDateOfRateReset")).raw("reset_cycle", t.cycle("cycleOfRateReset"));
    out.raw("spread", t.number("rateSpread", "\"0\"")).raw("multiplier", t.number("rateMultiplier", "\"1\"")).raw("next_reset", t.number("nextResetRate"));
    out.raw("life_cap", t.number("lifeCap")).raw("life_floor", t.number("lifeFloor"));
    out.raw("period_cap", t.number("periodCap")).raw("period_floor", t.number("periodFloor"));
    fees(t, out);
    out.flag("scales_interest", scales(t, 'I')).flag("scales_notional", scales(t, 'N'));
    out.raw("scaling_anchor", t.time("cycleAnchorDateOfScalingIndex")).raw("scaling_cycle", t.cycle("cycleOfScalingIndex"));
    out.raw("index_at_start", t.text("scalingIndexAtContractDealDate") ? t.number("scalingIndexAtContractDealDate") : t.number("scalingIndexAtStatusDate"));
    out.raw("notional_scale", t.number("notionalScalingMultiplier", "\"1\"")).raw("interest_scale", t.number("interestScalingMultiplier", "\"1\""));
    const bool prepays = t.text("prepaymentEffect").value_or("N") != "N";
    out.raw("prepayment_anchor", prepays ? t.time("cycleAnchorDateOfOptionality") : "null").raw("prepayment_cycle", prepays ? t.cycle("cycleOfOptionality") : "null");
    out.raw("penalty", t.choice("penaltyType", penalties, "\"O\"")).raw("penalty_rate", t.number("penaltyRate", "\"0\""));
    out.raw("notice", t.cycle("xDayNotice"));
    out.raw("payments", payment_pieces(t)).raw("principals", principal_pieces(t)).raw("rates", rate_pieces(t));
    return out.done();
}

std::string exchange_terms(TermReader& t) {
    JsonObject out;
    out.raw("role", t.choice("contractRole", roles, "")).raw("status_date", t.needed_time("statusDate"));
    // A settlement date, where there is one, takes the place of maturity.
    const auto settlement = t.time("settlementDate");
    out.raw("maturity", settlement == "null" ? t.needed_time("maturityDate") : settlement);
    out.raw("notional", t.needed_number("notionalPrincipal")).raw("second_notional", t.needed_number("notionalPrincipal2"));
    out.flag("cash_settled", t.choice("deliverySettlement", {{"S", "S"}, {"D", "D"}}, "\"D\"") == "\"S\"");
    out.raw("settlement_period", t.cycle("settlementPeriod"));
    purchase_and_termination(t, out);
    out.raw("month_end", t.choice("endOfMonthConvention", month_ends, "\"SD\""));
    days_and_calendar(t, out);
    return out.done();
}

std::string enhancement_terms(TermReader& t) {
    JsonObject out;
    out.raw("role", t.choice("contractRole", roles, "")).raw("status_date", t.needed_time("statusDate"));
    out.raw("purchase", t.time("purchaseDate")).raw("purchase_price", t.number("priceAtPurchaseDate", "\"0\""));
    out.raw("maturity", t.time("maturityDate")).raw("notional", t.number("notionalPrincipal"));
    out.raw("coverage", t.number("coverageOfCreditEnhancement", "\"1\""));
    out.raw("covered", t.choice("guaranteedExposure", {{"NO", "NO"}, {"NI", "NI"}, {"MV", "NO"}}, "\"NO\""));
    JsonArray events;
    for (const auto& kinds : t.texts("creditEventTypeCovered")) { // also several in one text: `DL,DQ`
        std::string one;
        for (const char c : kinds + ",") {
            if (c != ',' && c != ' ' && c != '[' && c != ']') {
                one += c;
                continue;
            }
            if (one.empty()) continue;
            if (one != "DL" && one != "DQ" && one != "DF" && one != "PF" && one != "MA" && one != "TE") t.wrong("creditEventTypeCovered", "`" + one.substr(0, 60) + "` is not known");
            events.raw("\"" + one + "\"");
            one.clear();
        }
    }
    out.raw("events", events.done());
    out.raw("settlement_period", t.cycle("settlementPeriod"));
    fees(t, out);
    out.raw("convention", t.choice("dayCountConvention", conventions, "\"A365\""));
    out.raw("month_end", t.choice("endOfMonthConvention", month_ends, "\"SD\""));
    days_and_calendar(t, out);
    return out.done();
}

} // namespace tally
