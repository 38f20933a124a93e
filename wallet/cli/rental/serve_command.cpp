#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/rules/lease_rules.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/cli/rental/provider.hpp"
#include "wallet/keys/private_files.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds serve_pause{250};
constexpr std::uint64_t least_start_s = 60;  ///< that a lease can be started in
constexpr std::uint64_t before_next_look_ms = 2'000;
constexpr std::uint64_t before_next_try_ms = 60'000;   ///< of an order that could not be bid for
constexpr std::uint64_t before_next_bid_ms = 600'000;  ///< for one that nobody took
constexpr std::uint64_t bid_may_come_ms = 120'000;     ///< that was sent and is not final yet

/// A machine that is let: one lease at a time, bids for the next in between.
class Serving {
public:
    Serving(const Party& party, const ServeOptions& options) : party_{party}, options_{options}
    {
        const auto record = party.session.record<market::GpuOfferRecord>(options.offer);
        if (!record)
            fail(Fault::not_found, "there is no offer " + ledger::to_hex0x(options.offer.view()));
        if (record->provider != party.account.address)
            fail(Fault::refused, "that offer is another provider's");
        offer_ = record->offered;
    }

    bool tick()
    {
        if (!current_) take_up();
        if (!current_) look();
        if (!current_) return false;
        try {
            if (!current_->tick()) return false;
        } catch (const Failure& failure) {
            // What a tenant sent must not end this program.
            if (failure.fault == Fault::denied) throw;
            throw Failure{Fault::failed, failure.message};
        }
        const auto report = current_->report();
        current_.reset();
        if (report.value("status", "") == "lost") {
            // Others first; and the ledger is looked at once more for what is under way.
            const auto id = ledger::id_from_hex<market::GpuOrderId>(report.value("order", ""));
            if (id) not_before_ms_[*id] = now_ms().value + before_next_bid_ms;
            looked_ = false;
            return false;
        }
        party_.session.note("lease " + report.value("lease", "") + ": " +
                            report.value("status", "") + ", " + report.value("outcome", ""));
        reports.push_back(report);
        return options_.once;
    }
    void suspend()
    {
        if (current_) current_->suspend();
    }

    json reports = json::array();

private:
    /// What was under way when this program ended: what it wrote down, and what the ledger knows.
    void take_up()
    {
        if (looked_) return;
        for (const auto& entry : fs::directory_iterator{options_.work.folder}) {
            const auto id =
                ledger::id_from_hex<market::GpuOrderId>(entry.path().filename().string());
            if (!id) continue;
            if (LeaseProvider::remembers(entry.path())) return go_on_with(*id);
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
        const auto target =
            "/v1/leases?limit=1000&provider=" + ledger::to_checksum(party_.account.address);
        for (const auto& item : all_items(party_.session, target)) {
            const auto id = ledger::id_from_hex<market::GpuOrderId>(item.value("order", ""));
            const auto status = item.value("status", "");
            const bool is_over = status == "settled" || status == "slashed" || status == "expired";
            if (id && !is_over &&
                item.value("offer", "") == ledger::to_hex0x(options_.offer.view()))
                return go_on_with(*id);
        }
        looked_ = true;
    }

    void go_on_with(const market::GpuOrderId& id)
    {
        party_.session.note("going on with order " + ledger::to_hex0x(id.view()));
        current_ = std::make_unique<LeaseProvider>(party_, options_, id);
    }

    void look()
    {
        const auto now = now_ms().value;
        if (now < looked_ms_ + before_next_look_ms) return;
        looked_ms_ = now;
        std::erase_if(not_before_ms_, [&](const auto& one) { return one.second <= now; });
        for (const auto& item : all_items(party_.session, "/v1/gpu/orders?limit=1000")) {
            const auto id = ledger::id_from_hex<market::GpuOrderId>(item.value("id", ""));
            if (!id || !trusts(item.value("board", "")) || not_before_ms_.contains(*id)) continue;
            try {
                if (bid(*id)) return;
            } catch (const Failure& failure) {
                party_.session.note("order " + item.value("id", "") + ": " +
                                    plain(failure.message));
                if (current_) return;  // the bid may have been made
            }
            not_before_ms_[*id] = now + before_next_try_ms;
            std::error_code ignored;
            const auto folder = folder_of(options_.work, *id);
            if (!LeaseProvider::remembers(folder)) fs::remove_all(folder, ignored);
        }
    }

    /// A board that passes nothing on can cost a provider its bond.
    bool trusts(const std::string& board) const
    {
        return !board.empty() && std::ranges::find(options_.boards, board) != options_.boards.end();
    }

    /// A bid is made with the job's bytes at hand: a tenant whose board has none cannot have the
    /// deposit of who never could start.
    bool bid(const market::GpuOrderId& id)
    {
        const auto record = order_record(party_.session, id);
        const auto& order = record.ordered;
        if (order.job.total_steps > options_.most_steps ||
            market::job_segments(order.job) > options_.most_segments)
            return false;
        const auto folder = folder_of(options_.work, id);
        if (LeaseProvider::has_bid(party_, id, options_.offer)) {
            LeaseProvider::remember(folder, 0);
            go_on_with(id);
            return true;
        }
        const auto& params = party_.session.network()->params().lease;
        const auto deposit = order.max_rate.times(params.starvation_s);
        market::GpuBid message;
        message.order = id;
        message.offer = options_.offer;
        message.rate = options_.rate.value_or(offer_.rate);
        message.start_by = now_ms().value / 1'000 + options_.start_s;
        if (!deposit || message.rate > order.max_rate) return false;
        message.deposit = *deposit;
        message.bond = market::least_bond(params.bond_bps, order, offer_, message.rate);
        if (options_.most_bond && message.bond > *options_.most_bond) return false;
        message.reclaim_s = std::max(options_.notice_s, order.reclaim_s);
        const auto said =
            must(party_.session.client().simulate(party_.account.address, message)).rejection;
        if (said != market::Rejection::none) return false;

        auto meeting = meet(party_, id, order);
        must(meeting.listen());
        must(make_private_folder(folder));
        must(rental::fetch_job(meeting, order, {record.tenant}, folder, options_.work.most_bytes,
                               show_progress));
        // Before it is sent: from here on there may be a bid.
        LeaseProvider::remember(folder, now_ms().value + bid_may_come_ms);
        current_ = std::make_unique<LeaseProvider>(party_, options_, id);
        if (try_send(party_, message))
            party_.session.note("bid for order " + ledger::to_hex0x(id.view()));
        return true;
    }

    const Party& party_;
    const ServeOptions& options_;
    market::GpuOffer offer_;
    std::unique_ptr<LeaseProvider> current_;
    std::map<market::GpuOrderId, std::uint64_t> not_before_ms_;
    std::uint64_t looked_ms_ = 0;
    bool looked_ = false;
};

struct ServeWords {
    ServeOptions serve;
    std::string offer, rate, most_bond;
};

void serve(const Session& session, ServeWords& words)
{
    auto& options = words.serve;
    options.offer = id_of<market::GpuOfferId>(words.offer, "offer");
    if (options.boards.empty()) options.boards = {session.settings.node};
    if (!words.most_bond.empty()) options.most_bond = amount_of(words.most_bond, "--most-bond");
    if (!words.rate.empty()) options.rate = amount_of(words.rate, "--rate");
    if (options.work.folder.empty())
        options.work.folder = session.home() / "rented-out" / words.offer.substr(0, 18);
    prepare(options.work);
    const auto party = party_of(session);
    const auto starvation_s = session.network()->params().lease.starvation_s;
    if (options.start_s < starvation_s + least_start_s)
        fail(Fault::usage, "--start-in is at least " +
                               std::to_string(starvation_s + least_start_s) +
                               ": a bid has to be accepted so long before");
    Serving serving{party, options};
    session.note("letting this machine under offer " + words.offer + "; Ctrl-C ends it");
    const UntilAsked until;
    keep_going(
        session, serve_pause, [&] { return serving.tick(); }, until);
    serving.suspend();
    session.show({{"leases", serving.reports}}, [&] {
        std::cout << serving.reports.size() << (serving.reports.size() == 1 ? " lease" : " leases")
                  << " ended\n";
    });
}

}  // namespace

void add_serve_command(CLI::App& gpu, Session& session)
{
    auto words = std::make_shared<ServeWords>();
    auto& options = words->serve;
    auto* app = gpu.add_subcommand("serve", "Provider: let this machine: bid, train, get paid");
    app->footer(
        "Bids for orders that the offer meets, trains what is ordered in a sandbox, says a\n"
        "heartbeat in each interval, stops where no voucher comes, commits to what it did, shows\n"
        "it to who executes it again, and settles. Killed at any moment it goes on where it was\n"
        "when it is started again with the same --work.\n"
        "Example: millrace -a provider gpu serve 0xOFFER --work rented-out");
    app->add_option("OFFER", words->offer, "one of yours")->required();
    app->add_option("--rate", words->rate, "tokens a second of bids; the offer's when left out");
    app->add_option("--board", options.boards,
                    "node whose boards are trusted to pass on what is said: one that does not can "
                    "cost the bond; may be repeated; the one that is asked, when left out");
    app->add_option("--most-bond", words->most_bond, "tokens: orders that ask for more are left");
    app->add_option("--most-steps", options.most_steps, "of a job")->capture_default_str();
    app->add_option("--most-segments", options.most_segments, "of a job; each is kept on the disk")
        ->capture_default_str();
    app->add_option("--notice", options.notice_s,
                    "seconds of notice before the machine is taken back");
    app->add_option("--start-in", options.start_s, "seconds within which a lease is started")
        ->capture_default_str();
    app->add_option("--commit-every", options.commit_s, "seconds between two checkpoints")
        ->capture_default_str();
    app->add_option("--claim-every", options.claim_s, "seconds between two claims of pay")
        ->capture_default_str();
    app->add_flag("--once", options.once, "end with the first lease");
    add_work_options(*app, options.work);
    app->callback([=, &session] { serve(session, *words); });
}

}  // namespace wallet::cli
