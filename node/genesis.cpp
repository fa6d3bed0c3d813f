#include "node/genesis.hpp"

#include "node/tx/envelope.hpp"
#include "runtime/json_reader.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <set>

namespace tally {
namespace {

constexpr std::pair<std::string_view, Role> roles[] = {{"registrar", role_registrar},
                                                       {"deployer", role_deployer},
                                                       {"clock", role_clock},
                                                       {"auditor", role_auditor}};

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
    const auto key = public_key_from_hex(text_of(json, "key"));
    if (!key) return bad("the `key` of " + out.name + " is not 64 hexadecimal digits");
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
    std::set<PublicKey> keys;
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

} // namespace

std::optional<std::uint32_t> role_by_name(std::string_view name) {
    for (const auto& [text, role] : roles)
        if (text == name) return role;
    return std::nullopt;
}

std::vector<std::string> role_names(std::uint32_t mask) {
    std::vector<std::string> out;
    for (const auto& [text, role] : roles)
        if ((mask & role) != 0) out.emplace_back(text);
    return out;
}

std::optional<PublicKey> public_key_from_hex(std::string_view text) {
    Bytes bytes;
    PublicKey key{};
    if (!unhex(text, bytes) || bytes.size() != key.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
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
    const Json* const parties = json->member("parties");
    if (parties == nullptr || parties->kind != Json::Kind::Array || parties->items.empty())
        return bad("`parties` lists at least one");
    for (const Json& party : parties->items)
        if (auto problem = read_party(party, genesis.parties.emplace_back())) return *problem;
    if (auto problem = check_distinct(genesis.parties)) return *problem;
    return genesis;
}

} // namespace tally
