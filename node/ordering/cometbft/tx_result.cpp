#include "node/ordering/cometbft/tx_result.hpp"

#include <charconv>

namespace tally {

std::uint32_t tx_code(NodeCode code) {
    const std::string_view text = node_code_info(code).text;
    std::uint32_t number = 0;
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
    return number;
}

abci::ExecTxResult tx_result(const Result<Answer>& answer) {
    abci::ExecTxResult out;
    if (!answer || answer->duplicate) {
        out.set_code(tx_code(answer ? NodeCode::IntentReused : answer.error().code));
        return out;
    }
    const Receipt& receipt = answer->receipt;
    const Hash hash = sha256(encode(receipt));
    out.set_code(static_cast<std::uint32_t>(receipt.trap));
    out.set_data(std::string(hash.begin(), hash.end()));
    out.set_gas_used(receipt.gas_used);
    return out;
}

} // namespace tally
