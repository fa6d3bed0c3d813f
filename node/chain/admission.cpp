#include "node/chain.hpp"

#include "node/identity/certificate.hpp"
#include "runtime/certificates.hpp"
#include "runtime/keys.hpp"

#include <fmt/format.h>

namespace tally {

std::optional<VerifyKey> Chain::key_of(PartyId party) {
    {
        const std::shared_lock lock(keys_mutex_);
        if (const auto known = keys_.find(party); known != keys_.end()) return known->second;
    }
    // Both locks, in this order: a block that replaces the key cannot come in between.
    return read([this, party](const Ledger& ledger, const Tip&) -> std::optional<VerifyKey> {
        const auto found = ledger.party(party);
        if (!found) return std::nullopt;
        const std::lock_guard lock(keys_mutex_);
        keys_.emplace(party, found->key);
        return found->key;
    });
}

/// What the block that becomes visible says of parties. Held: `reading_`.
void Chain::forget_keys() {
    const std::lock_guard lock(keys_mutex_);
    const Bytes first = keys::party(0);
    for (auto row = ledger_->writes().lower_bound(first); row != ledger_->writes().end() && keys::is_in(row->first, keys::Space::party); ++row) {
        ByteReader key(ByteView(row->first).subspan(1));
        keys_.erase(key.u64be());
    }
}

Result<std::vector<VerifyKey>> Chain::keys_of(const SignedTransaction& signed_transaction) {
    std::vector<VerifyKey> keys;
    for (const PartyId signer : signed_transaction.transaction.signers) {
        const auto key = key_of(signer);
        if (!key) return NodeError{NodeCode::UnknownSigner, fmt::format("party {}", signer)};
        keys.push_back(*key);
    }
    return keys;
}

namespace {

/// The certificates of an enrolment, looked at once and only here: see identity/certificate.hpp.
Problem check_enrolment(const Payload& payload) {
    const auto check = [](const Bytes& certificates, const VerifyKey& key) -> Problem {
        if (certificates.empty()) return std::nullopt;
        const auto chain = certificate_chain(certificates);
        if (!chain) return NodeError{NodeCode::BadCertificate, "1 to 8 certificates of at most 8 KiB"};
        return check_certificates(*chain, key);
    };
    if (const auto* const enrol = std::get_if<Enrol>(&payload)) return check(enrol->certificates, enrol->key);
    if (const auto* const rotate = std::get_if<Rotate>(&payload)) return check(rotate->certificates, rotate->key);
    return std::nullopt;
}

} // namespace

std::vector<Result<SignedTransaction>> Chain::check_signatures(std::span<const Bytes> envelopes) {
    std::vector<Result<SignedTransaction>> out;
    std::vector<SignatureJob> jobs;
    std::vector<std::size_t> job_of; ///< the envelope of each job
    std::vector<Hash> digests;
    out.reserve(envelopes.size());
    for (const Bytes& envelope : envelopes) {
        out.push_back(decode_envelope(envelope));
        digests.push_back(sha256(envelope));
        auto& entry = out.back();
        if (entry && entry->chain != name_) entry = NodeError{NodeCode::WrongChain, fmt::format("`{}`, this is `{}`", entry->chain, name_)};
        if (!entry) continue;
        auto keys = keys_of(*entry);
        if (!keys) {
            entry = keys.error();
            continue;
        }
        entry->held_under = std::move(*keys);
        if (checked_.find(digests.back()) == entry->held_under) continue;
        for (std::size_t i = 0; i < entry->signatures.size(); ++i) {
            jobs.push_back({entry->held_under[i], entry->to_sign, entry->signatures[i]});
            job_of.push_back(out.size() - 1);
        }
    }
    signatures_.verify(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!jobs[i].holds && out[job_of[i]]) out[job_of[i]] = NodeError{NodeCode::BadSignature, {}};
    for (const std::size_t checked : job_of)
        if (out[checked]) checked_.add(digests[checked], out[checked]->held_under);
    return out;
}

std::vector<Result<SignedTransaction>> Chain::admit(std::span<const Bytes> envelopes) {
    auto out = check_signatures(envelopes);
    // Not before: what a certificate costs is for those who are known.
    for (auto& entry : out)
        if (auto problem = entry ? check_enrolment(entry->transaction.payload) : std::nullopt) entry = *problem;
    return out;
}

/// A key may have been replaced since the signatures were checked, also in this very block.
bool Chain::still_holds(const SignedTransaction& signed_transaction) const {
    const auto& signers = signed_transaction.transaction.signers;
    if (signed_transaction.held_under.size() != signers.size()) return false;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const auto party = ledger_->party(signers[i]);
        if (!party || party->key != signed_transaction.held_under[i]) return false;
    }
    return true;
}

} // namespace tally
