#include "tools/demo_driver/life.hpp"

#include "vm/value/decimal_text.hpp"
#include "vm/value/muldiv.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>

namespace tally::demo {

namespace {

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');
constexpr i64 due_day = 15;

Date day_of(i64 month, i64 day) { return date_from_civil(month / 12, month % 12 + 1, day).value_or(0); }
Date month_end(i64 month) { return day_of(month + 1, 1) - 1; }

i128 cents(const Json& json, std::string_view name) { return decimal_parse(text_in(json, name), 2).value_or(0); }

/// Arguments in the canonical encoding of the entry's parameters, one after the other.
class Arguments {
public:
    Arguments& amount(i128 v) { return out_.varint128(v), *this; }
    Arguments& integer(i64 v) { return out_.varint(v), *this; }
    Arguments& count(u64 v) { return out_.uvarint(v), *this; }
    [[nodiscard]] Bytes done() { return out_.take(); }

private:
    ByteWriter out_;
};

/// What the borrower of a row does: its instalments paid, the fee, the end. Due dates count from 1.
struct Plan {
    i64 count = 0, ahead = 0, fee_at = 1;
    bool payoff = false, write_off = false;
};

Plan plan_of(const TapeRow& row, i128 instalment, i64 due_dates) {
    Plan out;
    const auto whole = static_cast<i64>(row.paid_total / instalment);
    if (row.status == "Fully Paid") {
        // As many months as the interest it paid stands for.
        i128 month = 0;
        if (muldiv(row.principal, row.rate, decimal_one * 12, Rounding::HalfUp, month) != Arithmetic::Ok || month < 1) month = 1;
        out.count = std::clamp(static_cast<i64>(row.paid_interest / month), i64{1}, due_dates);
        out.payoff = true;
    } else if (row.status == "Current") {
        out.count = std::min(whole, due_dates);
        out.ahead = std::max<i64>(0, whole - due_dates);
    } else { // late or charged off: at least one instalment stays unpaid
        out.count = std::min(whole, std::max<i64>(0, due_dates - 1));
        out.write_off = row.status == "Charged Off";
    }
    out.fee_at = std::max<i64>(1, out.count);
    return out;
}

struct Loan {
    const TapeRow* row = nullptr;
    InstanceId instance = 0;
    i128 instalment = 0;
    Plan plan;
    std::string partner;
};

class Life {
public:
    Life(Session& session, const Modules& modules, const Tape& tape, const Progress& progress)
        : session_(session), modules_(modules), tape_(tape), progress_(progress) {}

    Figures run() {
        found();
        const auto begin = std::chrono::steady_clock::now();
        const auto before = session_.submitted();
        i64 first = tape_.rows[0].month, last = first;
        for (const auto& row : tape_.rows) {
            first = std::min(first, row.month);
            last = std::max(last, row.month);
        }
        horizon_ = last + 2;
        for (i64 month = first; month <= horizon_; ++month) live_month(month);
        out_.transactions = session_.submitted() - before;
        out_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        read_figures();
        return std::move(out_);
    }

private:
    // ---- founding

    void enrol(const std::string& name, std::uint32_t roles, std::vector<CurrencyCode> issuer_of) {
        const auto keys = signing_key(random_seed());
        const auto answer = session_.submit_one({registrar}, Enrol{name, keys.public_key, roles, std::move(issuer_of)});
        session_.add_key(name, keys, answer.created);
    }

    AccountId account(const std::string& owner) { return session_.submit_one({owner}, OpenAccount{usd}).created; }

    Hash deploy(const Bytes& module) {
        const auto answer = session_.submit_one({registrar}, Deploy{module});
        Bytes hash;
        Hash out{};
        if (!unhex(answer.code, hash) || hash.size() != out.size()) give_up("a deployed module has no hash");
        std::copy(hash.begin(), hash.end(), out.begin());
        return out;
    }

    void found() {
        enrol(settlement, 0, {usd});
        banks_.push_back(lead);
        for (std::size_t i = 0; i < partners; ++i) banks_.push_back(partner_name(i));
        for (const auto& bank : banks_) enrol(bank, 0, {});
        enrol(servicer, 0, {});
        enrol(auditor, role_auditor, {});
        deploy_and_join();
    }

    void deploy_and_join() {
        const auto clearing_code = deploy(modules_.clearing);
        joint_code_ = deploy(modules_.joint);
        const auto party = [&](const std::string& name) { return static_cast<i64>(session_.party(name)); };
        // create(operator: Party, cycle: Cycle): Monthly is case 1.
        clearing_ = session_.submit_one({settlement}, Create{clearing_code, "Clearing", 0, usd, Arguments().integer(party(settlement)).integer(1).done(), {}}).created;
        auto members = banks_;
        members.push_back(servicer);
        for (const auto& name : members) {
            session_.submit_one({settlement, name}, Call{clearing_, "join", Arguments().integer(party(name)).done(), {}, 0});
            accounts_[name] = account(name);
        }
        // Enough in reserve for all that a bank will fund.
        i128 volume = 0;
        for (const auto& row : tape_.rows) volume += row.principal;
        for (const auto& bank : banks_) top_up(bank, volume);
        // Terms: floor 3/10, penal 3/2, instalment rounded up, interest half up.
        Arguments programme;
        programme.integer(party(lead)).integer(party(servicer)).integer(static_cast<i64>(clearing_)).integer(3).integer(10).integer(3).integer(2);
        programme.integer(static_cast<i64>(Rounding::Ceiling)).integer(static_cast<i64>(Rounding::HalfUp));
        programme_ = session_.submit_one({lead, servicer}, Create{joint_code_, "Programme", 0, usd, programme.done(), {}}).created;
        for (const auto& name : members)
            session_.submit_one({name}, Call{clearing_, "trust", Arguments().integer(party(name)).integer(static_cast<i64>(programme_)).integer(1).done(), {}, 0});
        for (std::size_t i = 0; i < partners; ++i) {
            Arguments deal; // two lenders {bank, funds, interest, fees}, then the limit
            deal.count(2).integer(party(lead)).integer(30).integer(40).integer(50);
            deal.integer(party(partner_name(i))).integer(70).integer(60).integer(50).amount(volume);
            session_.submit_one({lead, partner_name(i)}, Call{programme_, "join", deal.done(), {}, 0});
        }
    }

    void top_up(const std::string& name, i128 amount) {
        if (amount == 0) return;
        session_.submit_one({settlement}, Issue{accounts_.at(name), amount});
        session_.submit_one({name}, Call{clearing_, "top_up", Arguments().integer(static_cast<i64>(session_.party(name))).done(), {{accounts_.at(name), amount}}, 0});
    }

    // ---- a month

    void live_month(i64 month) {
        session_.advance(day_of(month, due_day)); // clauses of the due date run first
        draw(month);
        collect(month);
        top_up(servicer, collected_);
        collected_ = 0;
        if (month == horizon_) {
            session_.advance(month_end(month));
            write_off();
        }
        const auto height = number_in(session_.get("/v1/status"), "height");
        session_.advance(month_end(month) + 1); // the cut at the close of the month
        read_cut(height + 1);
    }

    std::string label(i64 month, const char* what) const { return fmt::format("{}-{:02} {}", month / 12, month % 12 + 1, what); }

    std::function<void(std::size_t)> counting(const std::string& what, std::size_t of) {
        auto done = std::make_shared<std::size_t>(0);
        if (of > 0) progress_(what, 0, of);
        return [this, what, of, done](std::size_t count) { progress_(what, *done += count, of); };
    }

    void draw(i64 month) {
        std::vector<Bytes> envelopes;
        const auto first = loans_.size();
        for (const auto& row : tape_.rows) {
            if (row.month != month) continue;
            const auto deal = (row.number - 1) % partners;
            Arguments a; // serial, deal, principal, rate, periods, first_due
            a.integer(static_cast<i64>(row.number)).integer(static_cast<i64>(deal)).amount(row.principal).amount(row.rate);
            a.integer(row.periods).integer(day_of(month + 1, due_day));
            envelopes.push_back(session_.make({servicer}, Create{joint_code_, "Loan", programme_, 0, a.done(), {}}));
            loans_.push_back({&row, 0, 0, {}, partner_name(deal)});
        }
        const auto answers = session_.submit(envelopes, false, counting(label(month, "drawdowns"), envelopes.size()));
        for (std::size_t i = 0; i < answers.size(); ++i) opened(loans_[first + i], answers[i]);
    }

    /// The instalment and the partner's share, as the ledger tells them.
    void opened(Loan& loan, const SubmitAnswer& answer) {
        loan.instance = answer.created;
        i128 partners_share = 0;
        if (const auto* events = answer.json.member("events"))
            for (const auto& event : events->items) {
                const auto* fields = event.member("fields");
                if (fields == nullptr) continue;
                if (text_in(event, "name") == "consortium.joint.Opened") loan.instalment = cents(*fields, "instalment");
                if (text_in(event, "name") == "consortium.clearing.Owed") partners_share = cents(*fields, "amount");
            }
        if (loan.instalment <= 0) give_up("a loan was opened without an instalment");
        loan.plan = plan_of(*loan.row, loan.instalment, horizon_ - loan.row->month);
        out_.instalments_matched += loan.instalment == loan.row->real_instalment ? 1U : 0U;
        out_.banks[loan.partner].funded += partners_share;
        out_.banks[lead].funded += loan.row->principal - partners_share;
    }

    i128 owed(const Loan& loan) {
        const auto answer = session_.post("/v1/view", fmt::format("{{\"instance\": {}, \"entry\": \"owed\", \"arguments\": {{}}}}", loan.instance));
        return cents(answer, "result");
    }

    void collect(i64 month) {
        std::vector<const Loan*> paying;
        std::vector<Bytes> charges;
        for (const auto& loan : loans_) {
            const auto due = month - loan.row->month;
            if (due < 1 || due > std::max(loan.plan.count, loan.plan.fee_at)) continue;
            paying.push_back(&loan);
            if (due == loan.plan.fee_at && loan.row->late_fees > 0)
                charges.push_back(session_.make({servicer}, Call{loan.instance, "charge", Arguments().amount(loan.row->late_fees).done(), {}, 0}));
        }
        session_.submit(charges, true);
        std::vector<Bytes> payments;
        for (const auto* loan : paying) {
            const auto due = month - loan->row->month;
            if (loan->plan.payoff && due == loan->plan.count) {
                payments.push_back(session_.make({servicer}, Call{loan->instance, "pay_off", {}, {}, 0}));
                continue;
            }
            i128 amount = (due <= loan->plan.count ? loan->instalment : 0) + (due == loan->plan.fee_at ? loan->row->late_fees : 0);
            if (due == loan->plan.count && loan->plan.ahead > 0) amount = std::min(amount + loan->instalment * loan->plan.ahead, owed(*loan));
            if (amount == 0) continue;
            collected_ += amount;
            payments.push_back(session_.make({servicer}, Call{loan->instance, "repay", Arguments().amount(amount).done(), {}, 0}));
        }
        // Only `pay_off` gives something back: what it came to.
        for (const auto& answer : session_.submit(payments, true, counting(label(month, "repayments"), payments.size()))) collected_ += cents(answer.json, "result");
    }

    void write_off() {
        std::vector<Bytes> envelopes;
        for (const auto& loan : loans_)
            if (loan.plan.write_off) envelopes.push_back(session_.make({lead, loan.partner}, Call{loan.instance, "write_off", {}, {}, 0}));
        out_.written_off = session_.submit(envelopes, true).size();
    }

    void read_cut(u64 height) {
        MonthFigures month;
        for (u64 skip = 0;;) {
            const auto page = session_.get(fmt::format("/v1/events?from_height={}&skip={}", height, skip));
            const auto* events = page.member("events");
            for (const auto& event : events != nullptr ? events->items : std::vector<Json>{}) {
                const auto* fields = event.member("fields");
                if (fields == nullptr) continue;
                if (text_in(event, "name") == "consortium.clearing.Position") {
                    month.on = text_in(*fields, "on");
                    month.net[text_in(*fields, "bank")] = cents(*fields, "net");
                } else if (text_in(event, "name") == "consortium.clearing.Netted") {
                    month.gross = cents(*fields, "gross");
                    month.settled = cents(*fields, "settled");
                }
            }
            const auto next = number_in(page, "next_height"), next_skip = number_in(page, "next_skip");
            if (next > number_in(page, "height") || (next == height && next_skip == skip)) break;
            height = next;
            skip = next_skip;
        }
        if (month.on.empty()) give_up("the clearing made no cut at the end of the month");
        for (const auto& [bank, net] : month.net) out_.banks[bank].net += net;
        out_.months.push_back(std::move(month));
    }

    // ---- the end

    void read_figures() {
        std::map<InstanceId, std::size_t> rows;
        for (const auto& loan : loans_) rows[loan.instance] = loan.row->number;
        const auto status = session_.get("/v1/status");
        out_.end = text_in(status, "business_date");
        out_.height = number_in(status, "height");
        out_.root = text_in(status, "root");
        const auto count = counting("reading figures", loans_.size());
        for (u64 from = 1; from != 0;) {
            const auto page = session_.get(fmt::format("/v1/instances?from={}&limit=1000", from));
            const auto* instances = page.member("instances");
            for (const auto& instance : instances != nullptr ? instances->items : std::vector<Json>{}) {
                const auto found = rows.find(number_in(instance, "id"));
                if (found == rows.end()) continue;
                read_loan(instance, found->second);
                if (out_.loans.size() % 500 == 0) count(500);
            }
            from = number_in(page, "next");
        }
        out_.banks[servicer];
    }

    void read_loan(const Json& instance, std::size_t row) {
        const auto* fields = instance.member("fields");
        if (fields == nullptr) give_up("a loan has no fields");
        LoanFigures f;
        f.row = row;
        f.instance = number_in(instance, "id");
        f.state = text_in(instance, "state");
        f.instalment = text_in(*fields, "instalment");
        f.undue = text_in(*fields, "undue");
        f.due = text_in(*fields, "due");
        f.credit = text_in(*fields, "credit");
        f.fee_due = text_in(*fields, "fee_due");
        if (const auto* shares = fields->member("shares"))
            for (const auto& share : shares->items) {
                f.shares.push_back({text_in(share, "bank"), text_in(share, "outstanding"), text_in(share, "interest"), text_in(share, "fees"), text_in(share, "lost")});
                auto& bank = out_.banks[f.shares.back().bank];
                bank.outstanding += cents(share, "outstanding");
                bank.interest += cents(share, "interest");
                bank.fees += cents(share, "fees");
            }
        if (f.state == "Active") {
            const auto ask = [&](const char* entry) {
                return text_in(session_.post("/v1/view", fmt::format("{{\"instance\": {}, \"entry\": \"{}\", \"arguments\": {{\"on\": \"{}\"}}}}", f.instance, entry, out_.end)), "result");
            };
            f.payoff = ask("payoff_amount");
            f.bucket = ask("bucket");
        }
        out_.loans.push_back(std::move(f));
    }

    Session& session_;
    const Modules& modules_;
    const Tape& tape_;
    const Progress& progress_;
    Figures out_;
    std::vector<std::string> banks_;
    std::map<std::string, AccountId> accounts_;
    std::vector<Loan> loans_;
    Hash joint_code_{};
    InstanceId clearing_ = 0, programme_ = 0;
    i64 horizon_ = 0;
    i128 collected_ = 0;
};

} // namespace

std::string partner_name(std::size_t number) { return "partner-" + std::to_string(number + 1); }

Figures live(Session& session, const Modules& modules, const Tape& tape, const Progress& progress) { return Life(session, modules, tape, progress).run(); }

} // namespace tally::demo
