/// Who is on the ledger: parties, which contracts name and which sign, and the institutions that they
/// belong to. Plain data.
///
/// A ledger is *free* or *shared*. A free one (for trying out, or of one house) has no institutions: its
/// registrar enrols whom he likes. A shared one is governed: it has institutions, no registrar and no
/// deployer, and what concerns everybody needs a proposal that was agreed (governance.hpp).
///
/// An institution is two parties of its own without a key. Its *house* has signed when a maker and
/// another checker of it have; its *board* when as many of its officers as it needs have. So contracts
/// name the bank, and its people's keys come and go.
#pragma once

#include "vm/crypto/signature.hpp"
#include "vm/value/currency.hpp"

#include <string>
#include <vector>

namespace tally {

using PartyId = u64;       ///< number in the registry, from 1
using InstitutionId = u64; ///< from 1; 0: none

/// Rights of a party on the ledger itself (not in contracts). A bit mask.
enum Role : std::uint32_t {
    role_registrar = 1,   ///< free ledgers: enrols parties
    role_deployer = 2,    ///< free ledgers: deploys modules
    role_clock = 4,       ///< advances a manual business date
    role_auditor = 8,     ///< reads its institution's books; signs nothing but a new key of its own
    role_officer = 16,    ///< with the others of its institution: keys, proposals, votes. No money
    role_maker = 32,      ///< with a checker: acts for the house
    role_checker = 64,    ///< with a maker: acts for the house
    role_operator = 128,  ///< runs the node. No money
    role_regulator = 256, ///< reads everything; only of an institution without a vote
};
/// What an institution may give its own people.
inline constexpr std::uint32_t institution_roles =
    role_auditor | role_officer | role_maker | role_checker | role_operator | role_regulator;

struct Party {
    std::string name; ///< 1…255 bytes, unique
    VerifyKey key;    ///< unique; `None` of `ledger`, houses and boards, which nobody signs for alone
    std::uint32_t roles = 0;
    std::vector<CurrencyCode> issuer_of; ///< currencies whose cash this party issues
    InstitutionId institution = 0;
    u64 until = 0; ///< the last height at which its signature counts; 0: no end
    bool revoked = false;
    Hash certificate{}; ///< SHA-256 of the certificate (DER) that was shown at enrolment; zero: none

    [[nodiscard]] bool in_force(u64 height) const {
        return key.scheme != SignatureScheme::None && !revoked && (until == 0 || height <= until);
    }
};

struct Institution {
    std::string name;        ///< its house's; the board is `NAME.officers`
    std::string lei;         ///< ISO 17442, unique
    Hash root_certificate{}; ///< SHA-256 of the certificate (DER) that its people's certificates lead to
    bool votes = true;       ///< false: a supervisor
    std::uint32_t officers_needed = 1;
    std::uint32_t officers = 0; ///< that are not revoked; never fewer than needed
    PartyId house = 0, board = 0;
    bool suspended = false; ///< its people's signatures do not count
};

/// Names on a shared ledger have one form and belong to somebody: an institution's is of a-z, 0-9, `-` and
/// `_`; its people are called `NAME.` and more of these and dots. So nobody takes a name that is, or looks
/// like, another's.
inline constexpr std::size_t institution_name_max = 64;
[[nodiscard]] bool institution_name_fits(std::string_view name);
[[nodiscard]] bool person_name_fits(std::string_view name, std::string_view institution);

/// 18 letters and digits and two check digits by ISO 7064 MOD 97-10.
[[nodiscard]] bool lei_is_valid(std::string_view lei);

/// What the holder of a new key signs with it, so that nobody enrols a key that is not his:
/// tagged_hash("tally/key/v1", chain ‖ name ‖ key), texts behind their length.
[[nodiscard]] Hash key_proof_hash(std::string_view chain, std::string_view name, const VerifyKey& key);

/// What can be set by agreement. Each has a floor and a ceiling (parameters.hpp).
enum class Parameter : std::uint8_t { TransactionGas = 1, BlockGas, BlockTransactions, ExpiryBlocks, Schemes };

} // namespace tally
