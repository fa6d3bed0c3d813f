/// What the node asks of the engine, over its JSON-RPC on this machine. Never from within an answer to the engine:
/// it waits for that.
#pragma once

#include "node/client/client.hpp"
#include "vm/value/bytes.hpp"

namespace tally {

class EngineRpc {
public:
    /// `http://127.0.0.1:26657`. Connects when it is first needed, and again after a failure.
    explicit EngineRpc(std::string url) : url_(std::move(url)) {}

    /// Into the engine's memory, from where its peers get them; one that it has already is passed over.
    [[nodiscard]] Problem broadcast(std::span<const Bytes> transactions);
    /// The engine's own account of itself.
    [[nodiscard]] Result<Json> status();

private:
    [[nodiscard]] Result<Json> post(std::string_view request);

    const std::string url_;
    std::optional<Client> client_;
};

} // namespace tally
