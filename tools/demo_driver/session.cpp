#include "tools/demo_driver/session.hpp"

#include "vm/bytecode/limits.hpp"

#include <chrono>
#include <cstdlib>
#include <fmt/core.h>
#include <thread>

namespace tally::demo {

constexpr std::size_t batch_size = 500;

void give_up(const std::string& what) {
    fmt::print(stderr, "\ndemo: {}\n", what);
    std::exit(1);
}

void Session::connect() {
    auto client = Client::connect(url_);
    if (!client) give_up(client.error().line());
    client_.emplace(std::move(*client));
}

Bytes Session::make(const std::vector<std::string>& signers, Payload payload) {
    Transaction t;
    std::vector<SigningKey> keys;
    for (const auto& name : signers) {
        t.signers.push_back(party(name));
        keys.push_back(signers_.at(name).first);
    }
    ByteWriter number;
    number.text("tally demo");
    number.u64be(next_intent_++);
    const auto hash = sha256(number.data());
    std::copy_n(hash.begin(), t.intent.size(), t.intent.begin());
    t.expiry = height_ + limits::expiry_blocks / 2;
    t.gas_limit = limits::transaction_gas;
    t.payload = std::move(payload);
    return sign(chain_, t, keys);
}

template <typename Ask> auto Session::asking(Ask ask) {
    for (int tries = 0;; ++tries) {
        auto answer = ask(*client_);
        if (answer || !bring_back || tries == 3) return answer;
        url_ = bring_back();
        connect();
        ++resent;
    }
}

std::vector<SubmitAnswer> Session::batch(std::span<const Bytes> envelopes, bool brief) {
    if (before_batch) before_batch(batches_);
    ++batches_;
    auto answers = asking([&](Client& client) { return client.submit(envelopes, brief); });
    if (after_batch) after_batch();
    if (!answers) give_up(answers.error().line());
    for (std::size_t i = 0; i < answers->size(); ++i) {
        const auto& answer = (*answers)[i];
        if (answer.rejected) give_up("a transaction was refused: " + answer.rejected->line());
        if (answer.trap != Trap::None) {
            const auto* info = trap_info(answer.trap);
            give_up(fmt::format("a transaction failed: {} {}", info != nullptr ? info->name : "?", answer.note));
        }
        height_ = std::max(height_, answer.height);
        if (const auto decoded = decode_envelope(envelopes[i])) acknowledged_.push_back(hex(decoded->transaction.intent));
    }
    submitted_ += answers->size();
    return std::move(*answers);
}

std::vector<SubmitAnswer> Session::submit(const std::vector<Bytes>& envelopes, bool brief, const std::function<void(std::size_t)>& progress) {
    std::vector<SubmitAnswer> out;
    for (std::size_t at = 0; at < envelopes.size(); at += batch_size) {
        const auto count = std::min(batch_size, envelopes.size() - at);
        for (auto& answer : batch(std::span(envelopes).subspan(at, count), brief)) out.push_back(std::move(answer));
        if (progress) progress(count);
    }
    return out;
}

SubmitAnswer Session::submit_one(const std::vector<std::string>& signers, Payload payload) {
    return std::move(submit({make(signers, std::move(payload))}, false).front());
}

Json Session::get(const std::string& target) {
    auto answer = asking([&](Client& client) { return client.get(target); });
    if (!answer) give_up(answer.error().line());
    return std::move(*answer);
}

Json Session::post(const std::string& target, const std::string& body) {
    auto answer = asking([&](Client& client) { return client.post(target, body); });
    if (!answer) give_up(answer.error().line());
    return std::move(*answer);
}

void Session::advance(Date to) {
    submit_one({"registrar"}, Advance{to});
    for (;;) {
        const auto status = get("/v1/status");
        height_ = std::max(height_, number_in(status, "height"));
        const auto* pending = status.member("work_pending");
        if (text_in(status, "business_date") == date_text(to) && pending != nullptr && pending->text == "false") return;
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
}

} // namespace tally::demo
