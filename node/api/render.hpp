/// Receipts, events and instances as JSON that people and programs read: names instead of numbers,
/// amounts as decimal text. From any thread.
#pragma once

#include "node/chain.hpp"
#include "runtime/codec.hpp"

namespace tally {

class Renderer {
public:
    explicit Renderer(const Chain& chain) : chain_(chain) {}

    /// `brief`: only what a program at the other end needs to go on.
    [[nodiscard]] std::string answer(const Result<Answer>& answer, bool brief);
    /// That it waits for a block.
    [[nodiscard]] static std::string admitted(const Result<Answer>& answer);
    [[nodiscard]] std::string event(const Event& event);
    [[nodiscard]] std::string items(const Receipt& receipt);
    [[nodiscard]] std::string instance(const InstanceView& view);
    [[nodiscard]] std::string block(const BlockRecord& block);
    /// The result of a view or a call, by its entry's type; `null` if it has none.
    [[nodiscard]] std::string result(InstanceId instance, std::string_view entry, ByteView bytes);
    [[nodiscard]] std::string error_fields(const Receipt& receipt, CurrencyCode currency);

    struct Facts { ///< what never changes about an instance
        std::shared_ptr<const Program> program;
        std::uint32_t contract = 0;
        CurrencyCode currency = 0;
    };
    [[nodiscard]] std::optional<Facts> facts(InstanceId instance);

private:
    [[nodiscard]] std::string full(const Answer& answer);
    [[nodiscard]] std::shared_ptr<const Program> program(const Hash& code);
    [[nodiscard]] std::string party_name(PartyId id);
    [[nodiscard]] Names names(CurrencyCode currency);
    [[nodiscard]] CurrencyCode currency_of(const Answer& answer);

    const Chain& chain_;
    // What was learnt from the chain. None of it ever changes there.
    std::shared_mutex mutex_;
    std::map<Hash, std::shared_ptr<const Program>> programs_;
    std::map<PartyId, std::string> parties_;
    std::map<InstanceId, Facts> instances_;
};

/// `{"code": …, "what": …, "fix": …}`
[[nodiscard]] std::string render(const NodeError& error);

} // namespace tally
