/// The wire form of a signed transaction. One transaction, one encoding.
///
///   envelope   length of the body, body, one signature (64 bytes) per signer in their order
///   body       version 1, chain, signers (a count, then ids), intent (16 bytes), expiry, gas
///   limit,
///              kind of the payload (1…17 in the order of `Payload`), payload
///
/// Whole numbers are uvarints, amounts varint128, dates varints, texts and bytes length-prefixed. A
/// signer signs tagged_hash("tally/tx/v1", body). The transaction's id is
/// tagged_hash("tally/txid/v1", body): signatures are not part of it, so that nobody can give one
/// transaction two ids.
#pragma once

#include "node/errors.hpp"
#include "runtime/transaction.hpp"

namespace tally {

struct SignedTransaction {
    std::string chain;
    Transaction transaction;
    std::vector<Signature> signatures; ///< not checked yet
    Hash id{};
    Hash to_sign{};
    std::vector<VerifyKey> held_under; ///< the keys under which the signatures were found to hold; none: not checked
    Bytes bytes; ///< the whole envelope
};

/// Trusts nothing: refuses whatever `sign` would not have written. Whether the signatures hold and
/// the signers exist is for the caller, who knows the keys.
[[nodiscard]] Result<SignedTransaction> decode_envelope(ByteView bytes);

/// The envelope; `keys` in the order of the transaction's signers.
[[nodiscard]] Bytes sign(std::string_view chain, const Transaction& transaction,
                         std::span<const SigningKey> keys);

[[nodiscard]] Bytes encode_body(std::string_view chain, const Transaction& transaction);
/// The kind and the payload, as in a body.
void write_payload(ByteWriter& out, const Payload& payload);
/// Fails the reader on anything that `write_payload` would not have written.
[[nodiscard]] Payload read_payload(ByteReader& in);
[[nodiscard]] Hash transaction_id(ByteView body);
[[nodiscard]] Hash signing_hash(ByteView body);

inline constexpr std::size_t chain_bytes = 64; ///< a chain's name is 1…64 bytes

} // namespace tally
