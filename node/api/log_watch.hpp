/// Writes down what happens to each transaction and each request. A transaction has a line when it is
/// taken or refused and one when it is in a block, each with `intent=…`: searched for an intent, the
/// log tells its whole life.
#pragma once

#include "node/api/watch.hpp"
#include "node/ordering/watch.hpp"

namespace tally {

class LogWatch final : public OrderingWatch, public ApiWatch {
public:
    void taken(const SignedTransaction& transaction) override;
    void refused(const SignedTransaction* transaction, const NodeError& error) override;
    void answered(const Answer& answer) override;
    void made_block(const MadeBlock& block) override;

    void answered(const Answered& request) override;
    void turned_away(const std::string& address, const std::string& why) override;
};

} // namespace tally
