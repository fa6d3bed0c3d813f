/// Signs and submits for everybody in the demo. In the scene with the kill it also keeps going: what was
/// not answered is sent again, under the same intents.
#pragma once

#include "node/client/client.hpp"
#include "node/tx/envelope.hpp"

#include <functional>
#include <map>

namespace tally::demo {

/// Stops the demo with a message: everything in it is supposed to work.
[[noreturn]] void give_up(const std::string& what);

class Session {
public:
    Session(std::string url, std::string chain) : url_(std::move(url)), chain_(std::move(chain)) { connect(); }

    void add_key(const std::string& name, const SigningKey& keys, PartyId party) { signers_[name] = {keys, party}; }
    [[nodiscard]] const SigningKey& keys(const std::string& name) { return signers_.at(name).first; }
    [[nodiscard]] PartyId party(const std::string& name) const { return signers_.at(name).second; }

    /// An envelope with an intent of its own, the next in a row.
    [[nodiscard]] Bytes make(const std::vector<std::string>& signers, Payload payload);
    /// Any number, in batches; every one must succeed. Gives the answers in order.
    std::vector<SubmitAnswer> submit(const std::vector<Bytes>& envelopes, bool brief, const std::function<void(std::size_t)>& progress = {});
    SubmitAnswer submit_one(const std::vector<std::string>& signers, Payload payload);

    [[nodiscard]] Json get(const std::string& target);
    [[nodiscard]] Json post(const std::string& target, const std::string& body);
    /// Moves the business date and waits until every clause of the days between has run.
    void advance(Date to);

    [[nodiscard]] std::size_t submitted() const { return submitted_; }
    [[nodiscard]] const std::vector<std::string>& acknowledged() const { return acknowledged_; }

    /// Called before each batch; and when the node is gone: brings it back and gives its address.
    std::function<void(std::size_t batch)> before_batch;
    std::function<void()> after_batch;
    std::function<std::string()> bring_back;
    std::size_t resent = 0;

private:
    void connect();
    std::vector<SubmitAnswer> batch(std::span<const Bytes> envelopes, bool brief);
    template <typename Ask> auto asking(Ask ask);

    std::string url_, chain_;
    std::optional<Client> client_;
    std::map<std::string, std::pair<SigningKey, PartyId>> signers_;
    u64 next_intent_ = 1, height_ = 0;
    std::size_t submitted_ = 0, batches_ = 0;
    std::vector<std::string> acknowledged_;
};

} // namespace tally::demo
