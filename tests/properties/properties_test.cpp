// What must hold whatever happens: splits neither lose nor invent a unit, and no life of a joint loan
// leaves anybody with a cent too many, too few, or below zero. Random, with a fixed seed.
#include "compiler/compile.hpp"
#include "tests/agreement/dice.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/assert.hpp"
#include "runtime/ledger.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/date.hpp"
#include "vm/value/muldiv.hpp"
#include "vm/value/rounding.hpp"
#include "vm/value/split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace {

using namespace tally;

class Dice : public agreement::Dice {
public:
    using agreement::Dice::Dice;
    /// Up to `max`, with every length of number about as likely: small ones are where rounding bites.
    i64 amount(i64 max) {
        i64 top = 10;
        for (auto digits = roll(0, 15); digits > 0 && top < max; --digits) top *= 10;
        return roll(1, std::min(top, max));
    }
};

TEST_CASE("a split neither loses nor invents a unit, and nobody gets less than nothing") {
    Dice dice(1);
    std::vector<i128> weights, parts;
    int wrong = 0;
    constexpr int cases = 100'000;
    for (int n = 0; n < cases; ++n) {
        const auto parties = static_cast<std::size_t>(dice.roll(2, 23));
        weights.assign(parties, 0);
        parts.assign(parties, -1);
        const auto total = dice.roll(0, 20) == 0 ? i64{0} : dice.amount(1'000'000'000'000'000);
        for (auto& weight : weights) weight = dice.roll(0, 9) == 0 ? i64{0} : dice.amount(dice.roll(1, 1'000'000'000));
        const auto all = std::accumulate(weights.begin(), weights.end(), i128{0});
        if (all == 0) weights[0] = 1;
        const auto whole = all == 0 ? i128{1} : all;
        bool good = split(total, weights, parts) == Arithmetic::Ok;
        good = good && std::accumulate(parts.begin(), parts.end(), i128{0}) == total;
        for (std::size_t i = 0; i < parties; ++i) {
            const auto floor = total * weights[i] / whole; // fits: 10^15 × 10^9
            good = good && parts[i] >= floor && parts[i] <= floor + 1 && (weights[i] != 0 || parts[i] == 0);
        }
        wrong += good ? 0 : 1;
    }
    CHECK(wrong == 0);
    MESSAGE(cases << " splits");
}

// ---- joint loans

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');
constexpr Date first_day = 20454; // 2026-01-01
const std::vector<std::vector<i64>> deals{{1, 1}, {30, 70}, {333, 334, 333}, {7, 13, 29, 51}};

class Arguments {
public:
    Arguments& amount(i128 v) { return out_.varint128(v), *this; }
    Arguments& integer(i64 v) { return out_.varint(v), *this; }
    Arguments& count(u64 v) { return out_.uvarint(v), *this; }
    [[nodiscard]] Bytes done() { return out_.take(); }

private:
    ByteWriter out_;
};

struct Loan {
    InstanceId id = 0;
    std::size_t deal = 0;
    i128 principal = 0;
    i128 paid = 0; ///< all that the ledger took for it
    std::string state = "Active";
    // For what grows with time.
    i128 rate = 0, charged = 0;
    i128 due = 0;           ///< as it was at the last look
    i64 late = 0;           ///< days past due at the last look
    bool touched = false;   ///< something was paid since
    i128 fines = 0, income_from_fines = 0; ///< owed and paid at the last look
    i128 overdue_days = 0;  ///< Σ due × days: times rate, multiple and 1/365 it is all penalty so far
};

/// A consortium on a ledger in memory: an operator, a servicer and four banks, the first the lead.
class Consortium {
public:
    Consortium() {
        Genesis genesis{"properties", first_day, {}};
        const char* const names[] = {"operator", "servicer", "lead", "north", "south", "west"};
        for (std::uint8_t i = 0; i < 6; ++i) {
            Enrol party;
            party.name = names[i];
            party.key = PublicKey{i};
            if (i == 0) party.roles = role_registrar | role_deployer | role_clock;
            if (i == 0) party.issuer_of = {usd};
            genesis.parties.push_back(party);
        }
        TALLY_ASSERT(!ledger_.genesis(genesis), "a genesis that can be");
        commit();
        ledger_.begin_block(height_);
        found();
    }

    Date today() const { return ledger_.business_date(); }
    u64 refused() const { return refused_; }

    void advance(Date to) {
        must(send({operator_}, Advance{to}));
        pass_days();
    }
    void pass_days() {
        do {
            commit();
            for (const auto& run : ledger_.begin_block(++height_)) {
                CAPTURE(run.clause);
                REQUIRE_MESSAGE(run.receipt.trap == Trap::None, run.receipt.note);
            }
        } while (ledger_.work_pending());
    }

    Loan draw(std::size_t deal, i128 principal, i128 rate, i64 periods, Date first_due) {
        Arguments a; // serial, deal, principal, rate, periods, first_due
        a.integer(++serial_).integer(static_cast<i64>(deal)).amount(principal).amount(rate).integer(periods).integer(first_due);
        const auto made = must(send({servicer_}, Create{joint_code_, "Loan", programme_, 0, a.done(), {}}));
        Loan loan;
        loan.id = made.created;
        loan.deal = deal;
        loan.principal = principal;
        loan.rate = rate;
        return loan;
    }

    /// False when the contract refused.
    bool repay(Loan& loan, i128 amount) { return count(loan, act({servicer_}, loan, "repay", Arguments().amount(amount).done()), amount); }
    bool charge(Loan& loan, i128 amount) {
        const bool done = count(loan, act({servicer_}, loan, "charge", Arguments().amount(amount).done()), 0);
        loan.charged += done ? amount : 0;
        return done;
    }
    bool pay_off(Loan& loan) {
        const auto done = act({servicer_}, loan, "pay_off", {});
        return count(loan, done, done.trap == Trap::None ? ByteReader(done.result).varint128() : 0);
    }
    bool write_off(Loan& loan) {
        std::vector<PartyId> signers;
        for (std::size_t i = 0; i < deals[loan.deal].size(); ++i) signers.push_back(lead_ + i);
        return count(loan, act(signers, loan, "write_off", {}), 0);
    }

    /// Everything that must hold of one loan, from its record.
    void check(Loan& loan) {
        const auto view = ledger_.instance(loan.id);
        REQUIRE(view);
        const auto json = parse_json(view->json);
        REQUIRE(json);
        const auto* found = json->member("state");
        REQUIRE(found != nullptr);
        loan.state = found->text;
        const auto undue = field(*json, "undue"), due = field(*json, "due"), credit = field(*json, "credit");
        const auto fines = field(*json, "penalty_due") + field(*json, "fee_due");
        i128 outstanding = 0, income = 0, lost = 0;
        bool sound = undue >= 0 && due >= 0 && credit >= 0 && fines >= 0;
        const auto* shares = json->member("shares");
        REQUIRE(shares != nullptr);
        REQUIRE(shares->items.size() == deals[loan.deal].size());
        for (const auto& share : shares->items) {
            for (const char* name : {"outstanding", "interest", "fees", "lost"}) sound = sound && field(share, name) >= 0;
            outstanding += field(share, "outstanding");
            income += field(share, "interest") + field(share, "fees");
            lost += field(share, "lost");
        }
        sound = sound && outstanding == undue + due;
        // Every cent paid in is somewhere: principal given back, income, or waiting.
        sound = sound && loan.paid == loan.principal - outstanding - lost + income + credit;
        if (loan.state == "Settled") sound = sound && undue + due + credit + fines + outstanding + lost == 0;
        if (loan.state == "WrittenOff") sound = sound && undue + due + fines + outstanding == 0;
        // What is paid ahead waits only where no instalment is due (a fee that came since is taken with the next one).
        if (credit > 0) sound = sound && due == 0 && json->member("rows")->items.empty();
        loan.due = due;
        loan.fines = fines;
        loan.income_from_fines = 0;
        for (const auto& share : shares->items) loan.income_from_fines += field(share, "fees");
        REQUIRE_MESSAGE(sound, "loan " << loan.id << ", paid " << int_text(loan.paid) << " of " << int_text(loan.principal) << ": " << view->json);
    }

    /// The days since the last stop have passed, and the loan's due amount was the same on all of them.
    void age(Loan& loan, i64 days) {
        if (loan.state != "Active") return;
        loan.overdue_days += loan.due * days;
        const auto view = ledger_.view(loan.id, "overdue", Arguments().integer(today()).done());
        REQUIRE_MESSAGE(view.trap == Trap::None, view.note);
        const i64 late = ByteReader(view.result).varint();
        // Days past due never fall while nothing is paid.
        CHECK((loan.touched || late >= loan.late));
        loan.late = late;
        loan.touched = false;
    }
    /// All penalties so far, billed and paid, are the exact sum, rounded once.
    void check_penalties(const Loan& loan) const {
        i128 exact = 0;
        REQUIRE(muldiv3(loan.overdue_days, loan.rate, 3, 2 * 365 * decimal_one, Rounding::HalfUp, exact) == Arithmetic::Ok);
        CHECK_MESSAGE((loan.income_from_fines + loan.fines - loan.charged == exact), "loan " << loan.id << ": " << int_text(loan.income_from_fines + loan.fines - loan.charged) << " is not " << int_text(exact));
    }

    /// The same transactions on another ledger give the same state, down to every instance.
    void check_replay(const std::vector<Transaction>& history) const {
        Consortium again;
        for (const Transaction& tx : history) {
            const bool moves = std::holds_alternative<Advance>(tx.payload);
            static_cast<void>(again.ledger_.apply(tx));
            if (moves) again.pass_days();
        }
        REQUIRE(again.ledger_.instance_count() == ledger_.instance_count());
        u64 different = 0;
        for (InstanceId id = 1; id <= ledger_.instance_count(); ++id) different += ledger_.instance(id)->json == again.ledger_.instance(id)->json ? 0U : 1U;
        CHECK(different == 0);
    }
    /// From now on all transactions are kept.
    void remember(std::vector<Transaction>* history) { history_ = history; }

    /// What holds of the ledger as a whole.
    void check_books() {
        const auto supply = ledger_.supply(usd);
        CHECK(supply.issued == supply.held);
        i128 sum = 0;
        for (PartyId bank = servicer_; bank < lead_ + 4; ++bank) {
            const auto position = ledger_.view(clearing_, "position", Arguments().integer(static_cast<i64>(bank)).done());
            REQUIRE_MESSAGE(position.trap == Trap::None, position.note);
            sum += ByteReader(position.result).varint128();
        }
        CHECK(sum == 0);
    }

private:
    static constexpr PartyId operator_ = 1, servicer_ = 2, lead_ = 3;
    static constexpr i64 plenty = 1'000'000'000'000'000'000;

    void commit() {
        store_.apply(ledger_.writes());
        ledger_.committed();
    }
    Receipt send(std::vector<PartyId> signers, Payload payload) {
        Transaction tx;
        tx.signers = std::move(signers);
        ++intents_;
        for (std::size_t i = 0; i < 8; ++i) tx.intent[i] = static_cast<std::uint8_t>(intents_ >> (8 * i));
        tx.expiry = height_ + 2;
        tx.gas_limit = 5'000'000;
        tx.payload = std::move(payload);
        if (history_ != nullptr) history_->push_back(tx);
        return ledger_.apply(tx);
    }
    static Receipt must(Receipt receipt) {
        REQUIRE_MESSAGE(receipt.trap == Trap::None, "trap " << static_cast<int>(receipt.trap) << " " << receipt.error << " " << receipt.note);
        return receipt;
    }
    Receipt act(const std::vector<PartyId>& signers, const Loan& loan, const std::string& entry, Bytes arguments) {
        return send(signers, Call{loan.id, entry, std::move(arguments), {}, 0});
    }
    bool count(Loan& loan, const Receipt& receipt, i128 paid) {
        if (receipt.trap == Trap::None) return loan.paid += paid, loan.touched = true;
        // The contract may refuse; the machine must not fail.
        const bool refusal = receipt.trap == Trap::Refused || receipt.trap == Trap::WrongState;
        CHECK_MESSAGE(refusal, "trap " << static_cast<int>(receipt.trap) << " " << receipt.note);
        ++refused_;
        return false;
    }
    static i128 field(const Json& object, const char* name) {
        const auto* found = object.member(name);
        REQUIRE_MESSAGE(found != nullptr, "no field " << name);
        const auto value = decimal_parse(found->text, 2);
        REQUIRE_MESSAGE(value, name << " is " << found->text);
        return *value;
    }

    Hash deploy(const std::string& file) {
        auto c = check_file(std::string(TALLY_SOURCE_DIR) + "/contracts/joint_loan/" + file);
        REQUIRE(c->sink.empty());
        const auto built = build(*c, Tests::Leave, Optimise::Full);
        REQUIRE(!built.bytes.empty());
        return must(send({operator_}, Deploy{built.bytes})).code;
    }

    void found() {
        const auto clearing_code = deploy("clearing.tally");
        joint_code_ = deploy("joint.tally");
        // create(operator, cycle): Monthly is case 1.
        clearing_ = must(send({operator_}, Create{clearing_code, "Clearing", 0, usd, Arguments().integer(operator_).integer(1).done(), {}})).created;
        for (PartyId bank = servicer_; bank < lead_ + 4; ++bank) {
            const auto number = static_cast<i64>(bank);
            must(send({operator_, bank}, Call{clearing_, "join", Arguments().integer(number).done(), {}, 0}));
            const auto account = must(send({bank}, OpenAccount{usd})).created;
            must(send({operator_}, Issue{account, plenty}));
            must(send({bank}, Call{clearing_, "top_up", Arguments().integer(number).done(), {{account, plenty}}, 0}));
        }
        // Terms: floor 1/100, penal 3/2, instalment rounded up, interest half up.
        Arguments programme;
        programme.integer(lead_).integer(servicer_).integer(static_cast<i64>(clearing_)).integer(1).integer(100).integer(3).integer(2);
        programme.integer(static_cast<i64>(Rounding::Ceiling)).integer(static_cast<i64>(Rounding::HalfUp));
        programme_ = must(send({lead_, servicer_}, Create{joint_code_, "Programme", 0, usd, programme.done(), {}})).created;
        for (PartyId bank = servicer_; bank < lead_ + 4; ++bank)
            must(send({bank}, Call{clearing_, "trust", Arguments().integer(static_cast<i64>(bank)).integer(static_cast<i64>(programme_)).integer(1).done(), {}, 0}));
        for (const auto& weights : deals) {
            Arguments deal; // lenders {bank, funds, interest, fees}, then the limit
            std::vector<PartyId> signers;
            deal.count(weights.size());
            for (std::size_t i = 0; i < weights.size(); ++i) {
                signers.push_back(lead_ + i);
                // Interest and fees by tables of their own; the last lender of a fee table gets nothing.
                deal.integer(static_cast<i64>(lead_ + i)).integer(weights[i]).integer(weights[weights.size() - 1 - i] + 1).integer(i + 1 == weights.size() ? 0 : 3);
            }
            must(send(signers, Call{programme_, "join", deal.amount(plenty).done(), {}, 0}));
        }
    }

    std::vector<Transaction>* history_ = nullptr;
    MemoryStore store_;
    Ledger ledger_{store_};
    u64 height_ = 1, intents_ = 0, refused_ = 0;
    i64 serial_ = 0;
    Hash joint_code_{};
    InstanceId clearing_ = 0, programme_ = 0;
};

TEST_CASE("a hundred thousand actions on random joint loans: nothing lost, nobody below zero, settled is zero for everyone") {
    Consortium consortium;
    Dice dice(2);
    std::vector<Loan> loans;
    u64 actions = 0, drawn = 0;
    std::map<std::string, u64> ends;

    const auto act = [&](Loan& loan) {
        switch (dice.roll(0, 31)) {
        case 0: return consortium.pay_off(loan);
        case 1: return dice.roll(0, 4) == 0 ? consortium.write_off(loan) : consortium.charge(loan, 1);
        case 2: case 3: case 4: return consortium.charge(loan, dice.amount(5'000));
        case 5: case 6: case 7: case 8: case 9: return consortium.repay(loan, dice.roll(1, 3));
        case 10: return consortium.repay(loan, loan.principal * 2); // mostly more than is owed
        default: return consortium.repay(loan, dice.amount(static_cast<i64>(loan.principal)));
        }
    };
    const auto live = [&](Loan& loan) {
        actions += act(loan) ? 1U : 0U; // what was refused is checked as well, but does not count
        if (actions % 5 == 0) consortium.check_books();
        consortium.check(loan);
    };

    while (actions < 100'000) {
        for (int n = 0; n < 40; ++n, ++drawn, ++actions) {
            const auto rate = dice.roll(0, 3600) * decimal_one / 10'000;
            loans.push_back(consortium.draw(static_cast<std::size_t>(dice.roll(0, 3)), dice.amount(1'000'000'000), rate, dice.roll(1, 12), consortium.today() + dice.roll(1, 40)));
            consortium.check(loans.back());
        }
        for (auto& loan : loans)
            for (auto times = dice.roll(0, 3); times > 0 && loan.state == "Active"; --times) live(loan);
        std::erase_if(loans, [&](const Loan& loan) { return loan.state == "Active" ? false : (++ends[loan.state], true); });
        consortium.advance(consortium.today() + dice.roll(1, 25));
    }
    for (auto& loan : loans) { // the rest goes home
        REQUIRE(consortium.pay_off(loan));
        ++actions;
        consortium.check(loan);
        CHECK(loan.state == "Settled");
        ++ends[loan.state];
    }
    consortium.check_books();
    CHECK(ends["Settled"] > 1'000);
    CHECK(ends["WrittenOff"] > 10);
    MESSAGE(actions << " actions on " << drawn << " loans to " << date_text(consortium.today()) << ": " << ends["Settled"] << " settled, " << ends["WrittenOff"]
                    << " written off, " << consortium.refused() << " more actions refused");
}

/// One of a batch's loans acts, or does not; then everything that must hold of it is looked at.
void live_a_day(Consortium& consortium, Dice& dice, Loan& loan) {
    if (loan.state != "Active") return;
    bool billed = false; // an action that brings the penalty to date
    switch (dice.roll(0, 9)) {
    case 0: consortium.charge(loan, dice.amount(5'000)); break;
    case 1: billed = consortium.pay_off(loan); break;
    case 2: case 3: billed = consortium.repay(loan, dice.roll(1, 3)); break;
    case 4: case 5: billed = consortium.repay(loan, dice.amount(static_cast<i64>(loan.principal))); break;
    case 6: if (dice.roll(0, 19) == 0) consortium.write_off(loan); break;
    default: break;
    }
    consortium.check(loan);
    if (billed) consortium.check_penalties(loan);
}

TEST_CASE("a hundred thousand lives of joint loans keep the invariants of money") {
    constexpr int batches = 400, batch = 250, replayed = 20;
    Consortium consortium;
    Dice dice(3);
    std::vector<Transaction> history;
    consortium.remember(&history);
    std::map<std::string, u64> ends;
    for (int n = 0; n < batches; ++n) {
        // One schedule for the batch: the ledger stops on each due date, so that what is due never changes between stops.
        const i64 periods = dice.roll(1, 3);
        const Date first_due = consortium.today() + dice.roll(1, 40);
        std::vector<Loan> loans;
        for (int k = 0; k < batch; ++k) {
            const auto rate = dice.roll(0, 3600) * decimal_one / 10'000;
            loans.push_back(consortium.draw(static_cast<std::size_t>(dice.roll(0, 3)), dice.amount(1'000'000'000), rate, periods, first_due));
            consortium.check(loans.back());
        }
        std::vector<Date> stops;
        for (i64 k = 0; k < periods; ++k) {
            stops.push_back(*date_add_months(first_due, k, EndOfMonth::Clamp));
            stops.push_back(stops.back() + dice.roll(1, 25));
        }
        for (const Date stop : stops) {
            const i64 days = stop - consortium.today();
            consortium.advance(stop);
            for (auto& loan : loans) consortium.age(loan, days);
            for (auto& loan : loans) {
                consortium.check(loan);
                live_a_day(consortium, dice, loan);
            }
            consortium.check_books();
        }
        for (auto& loan : loans) {
            if (loan.state == "Active") {
                REQUIRE(consortium.pay_off(loan));
                consortium.check(loan);
                consortium.check_penalties(loan);
                CHECK(loan.state == "Settled");
            }
            ++ends[loan.state];
        }
        consortium.check_books();
        if (n + 1 != replayed) continue;
        consortium.check_replay(history);
        consortium.remember(nullptr);
    }
    CHECK(ends["Settled"] + ends["WrittenOff"] == u64{batches} * batch);
    CHECK(ends["WrittenOff"] > 100);
    MESSAGE((u64{batches} * batch) << " lives to " << date_text(consortium.today()) << ": " << ends["Settled"] << " settled, " << ends["WrittenOff"] << " written off, "
                                 << consortium.refused() << " actions refused; " << replayed * batch << " of them replayed on another ledger");
}

} // namespace
