#include "node/ordering/cometbft/engine_rpc.hpp"

#include "node/identity/base64.hpp"
#include "runtime/json_text.hpp"

namespace tally {
namespace {

std::string call(std::string_view method, std::size_t id, const std::string& parameters) {
    return JsonObject().text("jsonrpc", "2.0").number("id", id).text("method", method).raw("params", parameters).done();
}

} // namespace

Result<Json> EngineRpc::post(std::string_view request) {
    if (!client_) {
        auto connected = Client::connect(url_);
        if (!connected) return connected.error();
        client_.emplace(std::move(*connected));
    }
    auto answer = client_->post("/", request);
    if (!answer) client_.reset();
    return answer;
}

Problem EngineRpc::broadcast(std::span<const Bytes> transactions) {
    JsonArray calls;
    for (std::size_t i = 0; i < transactions.size(); ++i)
        calls.raw(call("broadcast_tx_async", i + 1, JsonObject().text("tx", base64(transactions[i])).done()));
    const auto answer = post(calls.done());
    return answer ? std::nullopt : Problem(answer.error());
}

Result<Json> EngineRpc::status() {
    auto answer = post(call("status", 1, "{}"));
    if (!answer) return answer;
    const Json* const result = answer->member("result");
    if (result == nullptr) return NodeError{NodeCode::BadAnswer, "the engine's status"};
    return Json(*result);
}

} // namespace tally
