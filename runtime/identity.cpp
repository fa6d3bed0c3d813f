#include "runtime/identity.hpp"

#include "runtime/parameters.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr i64 every_scheme = scheme_bit(SignatureScheme::Ed25519) | scheme_bit(SignatureScheme::P256) | scheme_bit(SignatureScheme::Sm2);

constexpr ParameterInfo table[] = {
    {Parameter::TransactionGas, "transaction_gas", 1'000'000, limits::transaction_gas, limits::transaction_gas, "most gas of one transaction"},
    {Parameter::BlockGas, "block_gas", 10'000'000, limits::block_gas, limits::block_gas, "no further transaction enters a block that used so much"},
    {Parameter::BlockTransactions, "block_transactions", 1, limits::block_transactions, limits::block_transactions, "most transactions of one block"},
    {Parameter::ExpiryBlocks, "expiry_blocks", 1'000, limits::expiry_blocks, limits::expiry_blocks, "how many blocks ahead a transaction may expire"},
    // SM2 is a profile: a ledger that wants it agrees on it.
    {Parameter::Schemes, "schemes", scheme_bit(SignatureScheme::Ed25519), every_scheme, every_scheme - scheme_bit(SignatureScheme::Sm2),
     "schemes of new keys: 2 Ed25519, 4 P-256, 8 SM2, added up"},
};

/// 0…35 of a digit or a capital letter; nothing else is in an LEI.
int lei_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return -1;
}

/// What stands in names on a shared ledger: nothing that looks like something else.
bool plain(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; });
}

} // namespace

bool institution_name_fits(std::string_view name) { return plain(name) && name.size() <= institution_name_max && name.find('.') == std::string_view::npos && name != "ledger"; }

bool person_name_fits(std::string_view name, std::string_view institution) {
    const bool under = name.size() > institution.size() + 1 && name.starts_with(institution) && name[institution.size()] == '.';
    return under && plain(name);
}

bool lei_is_valid(std::string_view lei) {
    if (lei.size() != 20) return false;
    int rest = 0;
    for (std::size_t i = 0; i < lei.size(); ++i) {
        const int value = lei_value(lei[i]);
        if (value < 0 || (i >= 18 && value > 9)) return false;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

Hash key_proof_hash(std::string_view chain, std::string_view name, const VerifyKey& key) {
    ByteWriter out;
    out.text(chain);
    out.text(name);
    write(out, key);
    return tagged_hash("tally/key/v1", out.data());
}

std::span<const ParameterInfo> parameters() { return table; }

const ParameterInfo* parameter_info(Parameter parameter) {
    const auto found = std::find_if(std::begin(table), std::end(table), [parameter](const ParameterInfo& one) { return one.parameter == parameter; });
    return found == std::end(table) ? nullptr : &*found;
}

const ParameterInfo* parameter_by_name(std::string_view name) {
    const auto found = std::find_if(std::begin(table), std::end(table), [name](const ParameterInfo& one) { return one.name == name; });
    return found == std::end(table) ? nullptr : &*found;
}

} // namespace tally
