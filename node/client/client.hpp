/// Talks to a node: one connection, kept open, one request at a time. Nothing is thrown; a node's
/// coded errors come back as they are.
#pragma once

#include "node/errors.hpp"
#include "node/tls/files.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/transaction.hpp"

#include <memory>
#include <span>

namespace tally {

/// What became of one transaction, as the node tells it.
struct SubmitAnswer {
    std::optional<NodeError> rejected; ///< it is in no block; nothing below is set
    Trap trap = Trap::None;
    u64 height = 0, created = 0;
    i64 gas_used = 0;
    // Not in brief answers, but for `result`.
    std::string error, note; ///< a contract's refusal by name; what happened, for people
    std::string code;        ///< of a deployed module
    Json json;               ///< the whole answer: `result`, `events`, `error_fields`, …
};

class Client {
public:
    /// `http://127.0.0.1:7300`, or `https://…` with the files that it needs. Connects at once.
    [[nodiscard]] static Result<Client> connect(const std::string& url, const TlsFiles& files = {});
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// An answer for each, in order, when all are final. At most 10,000 and 8 MiB in one go.
    [[nodiscard]] Result<std::vector<SubmitAnswer>> submit(std::span<const Bytes> envelopes,
                                                           bool brief = false);
    /// The answer's JSON; any status but 200 is an error.
    [[nodiscard]] Result<Json> get(const std::string& target);
    [[nodiscard]] Result<Json> post(const std::string& target, std::string_view json);

private:
    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A whole number in an answer, written as a number or as a string; 0 if there is none.
[[nodiscard]] u64 number_in(const Json& json, std::string_view name);
/// A text in an answer; empty if there is none.
[[nodiscard]] std::string text_in(const Json& json, std::string_view name);
/// For an address: `a b` to `a%20b`.
[[nodiscard]] std::string url_escaped(std::string_view text);

} // namespace tally
