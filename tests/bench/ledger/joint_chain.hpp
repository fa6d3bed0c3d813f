/// A chain on a disk with the joint loan of contracts/joint_loan: four banks, one programme, as many
/// loans as are asked for. Everything goes the way of real transactions: signed, admitted, ordered
/// into blocks, run, put into the state tree, committed with a sync.
#pragma once

#include "node/chain.hpp"

namespace tally::bench {

class JointChain {
public:
    /// Ends the process with a word if the contracts do not compile or a transaction is refused.
    JointChain(const std::filesystem::path& directory, const std::string& contracts, Chain::Options options);

    /// In batches of signed transactions. The borrowers' terms vary with the loan's number.
    void lend(u64 loans);
    [[nodiscard]] u64 loans() const { return loans_.size(); }

    /// Envelopes of one repayment each, of loans spread over all; signed, not sent.
    [[nodiscard]] std::vector<Bytes> repayments(std::size_t count);
    /// One envelope with so many repayments.
    [[nodiscard]] Bytes batch_of_repayments(std::size_t count);
    /// Of the loan of this number, from 0, in the order in which they were made.
    [[nodiscard]] Bytes repayment(std::size_t loan, const std::string& amount);
    [[nodiscard]] InstanceId loan(std::size_t number) const { return loans_[number]; }
    [[nodiscard]] Bytes advance_to(Date date);

    /// Where the time of `send` went, in microseconds.
    struct Split {
        double admit = 0; ///< decoding and signatures, on two threads
        double run = 0, tree = 0, history = 0, commit = 0; ///< see Chain::Times
        double rest = 0;  ///< of making the blocks
    };
    /// Admits and orders these, in blocks of at most `block`; the receipts must be free of traps.
    Split send(const std::vector<Bytes>& envelopes, std::size_t block);
    /// Blocks until no clause is due.
    void settle();

    [[nodiscard]] const Chain& chain() const { return *chain_; }
    [[nodiscard]] Chain& chain() { return *chain_; }

private:
    enum : PartyId { registrar = 1, op, lead, partner, servicer };

    [[nodiscard]] Transaction transaction(std::vector<PartyId> signers, Payload payload);
    [[nodiscard]] Bytes signed_by(std::vector<PartyId> signers, Payload payload);
    Receipt alone(std::vector<PartyId> signers, Payload payload);
    [[nodiscard]] Bytes arguments(const Program& program, const Entry& entry, const std::string& json) const;
    [[nodiscard]] std::pair<Hash, std::shared_ptr<const Program>> code_of(const std::string& contract) const;
    InstanceId create(std::vector<PartyId> signers, const std::string& contract, InstanceId parent, const std::string& json);
    void call(std::vector<PartyId> signers, InstanceId instance, const std::string& contract, const std::string& entry, const std::string& json, std::vector<CashIn> cash = {});
    [[nodiscard]] Bytes amount_to_repay(const std::string& amount) const;
    void found(const std::string& contracts);
    [[nodiscard]] InstanceId next_loan();

    std::unique_ptr<Chain> chain_;
    std::vector<SigningKey> keys_;
    std::vector<Hash> codes_;
    std::vector<InstanceId> loans_;
    InstanceId programme_ = 0;
    Bytes repay_; ///< the arguments of a repayment
    u64 intents_ = 0, asked_ = 0, serial_ = 0;
};

/// To the standard error, and the process ends.
[[noreturn]] void give_up(const std::string& what);

} // namespace tally::bench
