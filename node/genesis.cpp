#include "node/genesis.hpp"

#include "node/tx/envelope.hpp"
#include "runtime/parameters.hpp"
#include "runtime/rights.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tally {
namespace {

NodeError bad(std::string detail) { return {NodeCode::BadGenesis, std::move(detail)}; }

/// The text of a member, or nothing.
std::string text_of(const Json& json, std::string_view name) {
    const Json* const member = json.member(name);
    return member != nullptr && member->kind == Json::Kind::Text ? member->text : std::string();
}

/// Each text of a list; a missing list is empty. Nothing if it is something else.
std::optional<std::vector<std::string>> texts_of(const Json& json, std::string_view name) {
    std::vector<std::string> out;
    const Json* const member = json.member(name);
    if (member == nullptr) return out;
    if (member->kind != Json::Kind::Array) return std::nullopt;
    for (const Json& item : member->items) {
        if (item.kind != Json::Kind::Text) return std::nullopt;
        out.push_back(item.text);
    }
    return out;
}

Problem read_party(const Json& json, Enrol& out) {
    out.name = text_of(json, "name");
    if (out.name.empty() || out.name.size() > limits::name_bytes)
        return bad("each party has a `name` of 1 to 255 bytes");
    const auto key = key_from_text(text_of(json, "key"));
    if (!key) return bad("the `key` of " + out.name + " is not 64 hexadecimal digits, nor p256: or sm2: and 66");
    out.key = *key;
    const auto role_list = texts_of(json, "roles");
    const auto currencies = texts_of(json, "issuer_of");
    if (!role_list || !currencies) return bad("`roles` and `issuer_of` are lists of names");
    for (const std::string& name : *role_list) {
        const auto role = role_by_name(name);
        if (!role) return bad("there is no role `" + name + "`");
        out.roles |= *role;
    }
    for (const std::string& name : *currencies) {
        const auto currency = currency_by_name(name);
        if (!currency) return bad("there is no currency `" + name + "`");
        out.issuer_of.push_back(currency->code);
    }
    return std::nullopt;
}

Problem check_distinct(const std::vector<Enrol>& parties) {
    std::set<std::string> names;
    std::set<VerifyKey> keys;
    std::set<CurrencyCode> currencies;
    for (const Enrol& party : parties) {
        if (!names.insert(party.name).second) return bad("two parties are called " + party.name);
        if (!keys.insert(party.key).second) return bad("two parties have the key of " + party.name);
        for (const CurrencyCode currency : party.issuer_of)
            if (!currencies.insert(currency).second)
                return bad("two issuers of " + currency_name(currency));
    }
    return std::nullopt;
}

/// A whole number of a member that may be missing; nothing if it is something else.
std::optional<i64> number_of(const Json& json, std::string_view name, i64 otherwise) {
    const Json* const member = json.member(name);
    if (member == nullptr) return otherwise;
    i64 value = 0;
    const auto [end, fault] = std::from_chars(member->text.data(), member->text.data() + member->text.size(), value);
    const bool whole = member->kind == Json::Kind::Number && fault == std::errc() && end == member->text.data() + member->text.size();
    return whole ? std::optional(value) : std::nullopt;
}

template <std::size_t size> bool read_bytes(std::string_view text, std::array<std::uint8_t, size>& out) {
    Bytes bytes;
    if (!unhex(text, bytes) || bytes.size() != size) return false;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return true;
}

Problem read_officer(const Json& json, Officer& out) {
    out.name = text_of(json, "name");
    const auto key = key_from_text(text_of(json, "key"));
    if (out.name.empty() || !key) return bad("each officer has a `name` and a `key`");
    out.key = *key;
    if (json.member("proof") != nullptr && !read_bytes(text_of(json, "proof"), out.proof)) return bad("the `proof` of " + out.name + " is not 128 hexadecimal digits");
    return std::nullopt;
}

/// `2/3`
bool read_share(std::string_view text, GovernanceRule& out) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const auto whole = [](std::string_view digits, i64& value) {
        const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return fault == std::errc() && end == digits.data() + digits.size();
    };
    return whole(text.substr(0, slash), out.votes) && whole(text.substr(slash + 1), out.of);
}

Problem read_rules(const Json& json, std::vector<GovernanceRule>& rules) {
    if (json.kind != Json::Kind::Object) return bad("`rules` is an object by class of decision");
    for (std::size_t i = 0; i < json.names.size(); ++i) {
        const auto found = std::find_if(rules.begin(), rules.end(), [&](const GovernanceRule& rule) {
            return decision_names[static_cast<std::size_t>(rule.what)] == json.names[i];
        });
        if (found == rules.end()) return bad("there is no class of decision `" + json.names[i] + "`");
        const Json& rule = json.items[i];
        const bool known = rule.kind == Json::Kind::Object && std::all_of(rule.names.begin(), rule.names.end(), [](const std::string& name) { return name == "votes" || name == "delay" || name == "stands"; });
        const Json* const share = rule.member("votes");
        if (!known || (share != nullptr && share->kind != Json::Kind::Text)) return bad("the rule of `" + json.names[i] + "` is {\"votes\": \"2/3\", \"delay\": 1, \"stands\": 30}");
        const auto delay = number_of(json.items[i], "delay", found->delay_days), stands = number_of(json.items[i], "stands", found->stands_days);
        const std::string votes = text_of(json.items[i], "votes");
        if (!delay || !stands || (!votes.empty() && !read_share(votes, *found)))
            return bad("the rule of `" + json.names[i] + "`: \"votes\": \"2/3\", and `delay` and `stands` are numbers of days");
        found->delay_days = *delay;
        found->stands_days = *stands;
    }
    return std::nullopt;
}

Problem read_parameters(const Json& json, std::vector<std::pair<Parameter, i64>>& out) {
    if (json.kind != Json::Kind::Object) return bad("`parameters` is an object by name");
    for (const std::string& name : json.names) {
        const ParameterInfo* const info = parameter_by_name(name);
        const auto value = number_of(json, name, 0);
        if (info == nullptr) return bad("there is no parameter `" + name + "`");
        if (!value || *value < info->floor || *value > info->ceiling) return bad("`" + name + "` is " + std::to_string(info->floor) + " to " + std::to_string(info->ceiling));
        out.emplace_back(info->parameter, *value);
    }
    return std::nullopt;
}

Problem read_institutions(const Json& json, Genesis& genesis) {
    if (json.kind != Json::Kind::Array || json.items.empty()) return bad("`institutions` lists at least one");
    for (const Json& item : json.items) {
        auto institution = institution_from_json(item);
        if (!institution) return institution.error();
        genesis.institutions.push_back(std::move(*institution));
    }
    return std::nullopt;
}

/// The institution that the party names, by its place in the list.
Problem read_institution_of(const Json& json, const Genesis& genesis, Enrol& party) {
    if (json.member("institution") == nullptr) return std::nullopt;
    const std::string name = text_of(json, "institution");
    const auto& all = genesis.institutions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Admit& one) { return one.name == name; });
    if (found == all.end()) return bad("the institution of " + party.name + " is not in the file");
    party.institution = static_cast<InstitutionId>(found - all.begin()) + 1;
    return std::nullopt;
}

Problem read_shared(const Json& json, Genesis& genesis) {
    if (const Json* const institutions = json.member("institutions"))
        if (auto problem = read_institutions(*institutions, genesis)) return problem;
    if (const Json* const rules = json.member("rules"))
        if (auto problem = read_rules(*rules, genesis.rules)) return problem;
    if (const Json* const parameters = json.member("parameters"))
        if (auto problem = read_parameters(*parameters, genesis.parameters)) return problem;
    if (genesis.institutions.empty() && (json.member("rules") != nullptr)) return bad("`rules` are for a ledger with `institutions`");
    return std::nullopt;
}

/// On a shared ledger nobody stands above the others.
Problem check_roles(const Genesis& genesis) {
    for (const Enrol& party : genesis.parties) {
        const std::uint32_t of_institutions = party.roles & institution_roles & ~static_cast<std::uint32_t>(role_auditor);
        if (!genesis.institutions.empty() && party.institution == 0 && of_institutions != 0)
            return bad(party.name + ": name the institution that it is an officer, maker, checker, operator or regulator of");
        const bool above = !genesis.institutions.empty() && (party.roles & (role_registrar | role_deployer)) != 0;
        if (above) return bad(party.name + ": a ledger with institutions has no registrar and no deployer: its members decide");
        if (genesis.institutions.empty() && (party.roles & ~(role_registrar | role_deployer | role_clock | role_auditor)) != 0)
            return bad(party.name + ": officers, makers and the like belong to an institution");
    }
    return std::nullopt;
}

Problem read_parties(const Json& json, Genesis& genesis) {
    const Json* const parties = json.member("parties");
    if (parties == nullptr && !genesis.institutions.empty()) return std::nullopt;
    if (parties == nullptr || parties->kind != Json::Kind::Array || parties->items.empty())
        return bad("`parties` lists at least one");
    for (const Json& party : parties->items) {
        Enrol& out = genesis.parties.emplace_back();
        if (auto problem = read_party(party, out)) return problem;
        if (auto problem = read_institution_of(party, genesis, out)) return problem;
    }
    if (auto problem = check_distinct(genesis.parties)) return problem;
    return check_roles(genesis);
}

} // namespace

Result<Admit> institution_from_json(const Json& json) {
    Admit out;
    if (json.kind != Json::Kind::Object) return bad("an institution is an object");
    out.name = text_of(json, "name");
    out.lei = text_of(json, "lei");
    if (out.name.empty()) return bad("each institution has a `name`");
    if (!lei_is_valid(out.lei)) return bad("the `lei` of " + out.name + " is not a legal entity identifier: 20 characters, the last two check the others");
    if (json.member("root_certificate") != nullptr && !read_bytes(text_of(json, "root_certificate"), out.root_certificate))
        return bad("the `root_certificate` of " + out.name + " is the SHA-256 of the certificate (DER): 64 hexadecimal digits");
    const Json* const votes = json.member("votes");
    if (votes != nullptr && votes->kind != Json::Kind::Bool) return bad("`votes` of " + out.name + " is true or false");
    out.votes = votes == nullptr || votes->text == "true";
    const auto needed = number_of(json, "officers_needed", 1);
    const Json* const officers = json.member("officers");
    if (officers == nullptr || officers->kind != Json::Kind::Array || officers->items.empty()) return bad("`officers` of " + out.name + " lists at least one");
    for (const Json& item : officers->items)
        if (auto problem = read_officer(item, out.officers.emplace_back())) return *problem;
    if (!needed || *needed < 1 || *needed > static_cast<i64>(out.officers.size()))
        return bad("`officers_needed` of " + out.name + " is 1 to the number of its officers");
    out.officers_needed = static_cast<std::uint32_t>(*needed);
    return out;
}

Result<Genesis> genesis_from_json(std::string_view text) {
    const auto json = parse_json(text);
    if (!json || json->kind != Json::Kind::Object) return bad("it is not a JSON object");
    Genesis genesis;
    genesis.chain = text_of(*json, "chain");
    if (genesis.chain.empty() || genesis.chain.size() > chain_bytes)
        return bad("`chain` is a name of 1 to 64 bytes");
    if (std::any_of(genesis.chain.begin(), genesis.chain.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
        return bad("`chain` is a name without line breaks or other control characters");
    const auto start = date_parse(text_of(*json, "start"));
    if (!start) return bad("`start` is a date such as 2026-01-01");
    genesis.start = *start;
    if (json->member("clock") != nullptr && text_of(*json, "clock") != "manual")
        return bad("the only `clock` of this version is `manual`");
    if (auto problem = read_shared(*json, genesis)) return *problem;
    if (auto problem = read_parties(*json, genesis)) return *problem;
    return genesis;
}

} // namespace tally
