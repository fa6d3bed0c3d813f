/// The ledger over one journal: blocks, transactions, clauses. `Ledger` owns one over the store, a
/// question makes one of its own over the block, and the test bench uses it with its safety off.
#pragma once

#include "runtime/codec.hpp"
#include "runtime/execution.hpp"
#include "runtime/governance.hpp"
#include "runtime/intents.hpp"
#include "runtime/ledger.hpp"

namespace tally {

struct PayloadRule;

/// What outlives a block and changes no result.
struct Caches {
    explicit Caches(Prepare prepare = nullptr) : codes{{}, prepare} {}
    CodeCache codes;
    ArenaPool arenas;
};

class Core {
public:
    Core(const Store& below, Caches& caches)
        : journal_(below), state_(journal_, caches.codes), caches_(caches) {}

    /// Says why such a ledger cannot be; nothing is kept of it then.
    [[nodiscard]] std::optional<std::string> genesis(const Genesis& genesis);
    void begin_block(u64 height);
    /// The last rows of a block: what it says of itself, and intents that have expired go.
    void seal(u64 height, const Bytes& digest);
    /// Forgets the block's writes: they are durable, or not wanted.
    void clear_block() {
        journal_.clear();
        remembered_ = 0;
    }
    [[nodiscard]] Receipt apply(const Transaction& transaction);
    [[nodiscard]] Receipt view(InstanceId instance, const std::string& entry,
                               const Bytes& arguments);

    [[nodiscard]] bool work_pending() const;
    [[nodiscard]] std::optional<Receipt> receipt_of(const IntentId& intent) const;
    [[nodiscard]] std::optional<InstanceView> instance(InstanceId id);
    /// The instance's record as it is stored, in an arena; nothing for an unknown number.
    [[nodiscard]] std::unique_ptr<OpenInstance> look_at(InstanceId id);
    [[nodiscard]] Names names_for(CurrencyCode currency) const;

    [[nodiscard]] Journal& journal() { return journal_; }
    [[nodiscard]] State& state() { return state_; }
    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] Date today() const { return state_.meta(keys::Meta::date); }
    [[nodiscard]] const std::vector<ClauseRun>& clause_runs() const { return runs_; }
    /// The bench only: what an upgrade runs on an instance whose fields were carried over.
    [[nodiscard]] Receipt migrate(InstanceId instance, std::uint32_t from);
    /// The bench only: modules with tests may be deployed.
    void allow_tests() { tests_allowed_ = true; }
    /// The bench only: told of every clause that has run.
    void after_clause(std::function<void(const ClauseRun&)> told) { after_clause_ = std::move(told); }

private:
    // ---- payloads; a refusal's word to people goes to the receipt's note
    Trap apply_payload(const Transaction& tx, const Enrol& enrol, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const OpenAccount& open, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Issue& issue, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Retire& retire, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Pay& pay, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Deploy& deploy, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Advance& advance, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Rotate& rotate, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Revoke& revoke, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Admit& admit, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Suspend& suspend, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Appoint& appoint, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const SetParameter& set, Receipt& receipt);
    Trap apply_payload(const Transaction& tx, const Pause& pause, Receipt& receipt);
    Receipt run_payload(const Transaction& tx);
    [[nodiscard]] Trap check_imports(const Code& code, std::string& note) const;
    [[nodiscard]] CodePtr read_module(const Bytes& bytes, const Hash& hash,
                                      std::string& note) const;
    [[nodiscard]] bool has_role(const Transaction& tx, Role role) const;
    [[nodiscard]] i64 gas_of(const Transaction& tx) const;

    // ---- who acts (signers.cpp)
    /// Also finds who acts.
    [[nodiscard]] Trap check_signers(const Transaction& tx, std::string& note);
    [[nodiscard]] Trap check_signer(const Party& party, const PayloadRule& rule, std::string& note) const;
    [[nodiscard]] bool acts(PartyId party) const;
    [[nodiscard]] Trap check_pause(const Transaction& tx, std::string& note) const;
    [[nodiscard]] bool concerns_governance(const Payload& payload) const;

    // ---- parties and keys (enrolment.cpp)
    [[nodiscard]] std::string chain() const;
    [[nodiscard]] Trap check_party(const Party& party, std::string& note) const;
    [[nodiscard]] Trap check_key(const VerifyKey& key, std::string& note) const;
    [[nodiscard]] Trap check_person(const Party& party, const Institution& institution, std::string& note) const;
    [[nodiscard]] Trap check_until(u64 until, std::string& note) const;
    [[nodiscard]] Trap check_certificates(const Bytes& certificates, const Institution& institution, Hash& holder, std::string& note) const;
    [[nodiscard]] Trap enrol_in_institution(const Enrol& enrol, Party& party, std::string& note);
    [[nodiscard]] std::optional<std::string> place_first(const Enrol& enrol);
    [[nodiscard]] bool is_board(PartyId party) const;
    [[nodiscard]] bool may_rekey(const Transaction& tx, PartyId id, const Party& party, bool self_may) const;

    // ---- what members agree on (governance.cpp)
    [[nodiscard]] bool shared() const;
    [[nodiscard]] PartyId party_called(const std::string& name) const;
    [[nodiscard]] std::optional<Bytes> encoded(const Code& code, const Entry& entry, const std::string& json) const;
    [[nodiscard]] Trap call_as_ledger(const Transaction& tx, InstanceId instance, const std::string& entry, const std::string& json, Receipt& receipt);
    /// Uses up the proposal; nothing happens to anybody else.
    [[nodiscard]] Trap enact(const Transaction& tx, InstanceId mandate, DecisionClass what, const Hash& subject, Receipt& receipt);
    [[nodiscard]] Trap check_admit(const Admit& admit, std::string& note) const;
    [[nodiscard]] Trap place_party(const Party& party, std::string& note, PartyId& id);
    /// `proven`: the officers' keys must have signed for themselves.
    [[nodiscard]] Trap admit(const Admit& admit, bool proven, Institution& out, std::string& note);
    [[nodiscard]] Trap join(const Transaction& tx, const Institution& institution, bool joins, Receipt& receipt);
    [[nodiscard]] std::optional<std::string> found(const Genesis& genesis);

    // ---- contracts
    struct Work {
        const std::vector<PartyId>& signers;
        i64 gas = 0;
        std::function<Trap(Execution&, Receipt&)> body;
    };
    /// Runs the body until no overdue clause stands in its way; nothing stays of a refused one.
    Receipt run_work(const Work& work);
    void fill(Receipt& receipt, Trap trap, Execution& execution) const;
    [[nodiscard]] std::string note_of(const Receipt& receipt, const Problem& problem,
                                      CurrencyCode currency) const;
    [[nodiscard]] static std::string plain_note(Trap trap, const std::string& detail);
    Receipt run_transaction(const Transaction& tx, const Create& made);
    Receipt run_transaction(const Transaction& tx, const Call& asked);
    Receipt run_batch(const Transaction& tx, const Batch& batch);
    Trap create(Execution& ex, const Create& create, Receipt& receipt);
    Trap place_instance(Execution& ex, const Create& create, const CodePtr& code,
                        InstanceHeader& header);
    Trap call(Execution& ex, const Call& call, Receipt& receipt);
    Trap pass_cash(Execution& ex, const std::vector<CashIn>& cash, PreparedCall& call);
    Trap pay_out(Execution& ex, const Call& call, const OpenInstance& self, Holding holding);

    // ---- clauses
    [[nodiscard]] bool fireable(const Due& due) const;
    void fire(InstanceId id, const Schedule::Next& next);
    /// False when an instance has more overdue clauses than one transaction will wait for.
    bool catch_up(InstanceId id);

    /// Where a transaction can be taken back to: what it wrote, and the clauses that ran for its sake.
    struct Mark {
        Journal::Savepoint rows;
        std::size_t told;
        std::size_t runs;
    };
    [[nodiscard]] Mark mark() const;
    /// Rows and what the watcher was told, but not the clauses.
    void undo(const Mark& mark);
    void go_back(const Mark& mark) {
        undo(mark);
        runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(mark.runs), runs_.end());
    }

    // ---- intents (intents.cpp)
    [[nodiscard]] std::optional<Remembered> remembered(const IntentId& intent) const;
    void remember(const Transaction& tx, const Receipt& receipt);
    void forget(const IntentId& intent, const Remembered& expired);
    void forget_expired();

    Journal journal_;
    State state_;
    Caches& caches_;
    u64 height_ = 0;
    u64 remembered_ = 0; ///< transactions of this block
    std::vector<PartyId> actors_; ///< of the transaction at work: its signers first, then houses and boards
    std::vector<ClauseRun> runs_;
    bool tests_allowed_ = false;
    std::function<void(const ClauseRun&)> after_clause_;
};

} // namespace tally
