// What must hold whatever happens: splits neither lose nor invent a unit, and no life of a joint loan
// leaves anybody with a cent too many, too few, or below zero. Random, with a fixed seed.
#include "compiler/compile.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/ledger.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/rounding.hpp"
#include "vm/value/split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace {

using namespace tally;

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
class Dice {
public:
    explicit Dice(u64 seed) : state_(seed) {}
    u64 next() {
        u64 z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// from … to, both included.
    i64 roll(i64 from, i64 to) { return from + static_cast<i64>(next() % static_cast<u64>(to - from + 1)); }
    /// Up to `max`, with every length of number about as likely: small ones are where rounding bites.
    i64 amount(i64 max) {
        i64 top = 10;
        for (auto digits = roll(0, 15); digits > 0 && top < max; --digits) top *= 10;
        return roll(1, std::min(top, max));
    }

private:
    u64 state_;
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
            party.key[0] = i;
            if (i == 0) party.roles = role_registrar | role_deployer | role_clock;
            if (i == 0) party.issuer_of = {usd};
            genesis.parties.push_back(party);
        }
        ledger_.genesis(genesis);
        commit();
        ledger_.begin_block(height_);
        found();
    }

    Date today() const { return ledger_.business_date(); }
    u64 refused() const { return refused_; }

    void advance(Date to) {
        must(send({operator_}, Advance{to}));
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
        return {made.created, deal, principal, 0, "Active"};
    }

    /// False when the contract refused.
    bool repay(Loan& loan, i128 amount) { return count(loan, act({servicer_}, loan, "repay", Arguments().amount(amount).done()), amount); }
    bool charge(Loan& loan, i128 amount) { return count(loan, act({servicer_}, loan, "charge", Arguments().amount(amount).done()), 0); }
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
        REQUIRE_MESSAGE(sound, "loan " << loan.id << ", paid " << int_text(loan.paid) << " of " << int_text(loan.principal) << ": " << view->json);
    }

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
        if (receipt.trap == Trap::None) return loan.paid += paid, true;
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

} // namespace
