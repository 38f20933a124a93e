#pragma once

#include "wallet/cli/rental/party.hpp"

namespace wallet::cli {

struct ServeOptions {
    WorkOptions work;
    market::GpuOfferId offer;
    std::optional<ledger::Amount> rate;  ///< of bids; empty: the offer's
    std::uint64_t notice_s = 0;          ///< at least; an order may ask for more
    std::uint64_t start_s = 300;         ///< within which a lease is started
    std::uint64_t commit_s = 60;         ///< between two checkpoints
    std::uint64_t claim_s = 600;         ///< between two claims
    std::vector<std::string> boards;     ///< nodes that are trusted to pass notes and batches on
    std::optional<ledger::Amount> most_bond;
    std::uint64_t most_steps = 1'000'000;  ///< of a job: each may be a line of the trainer's log
    std::uint64_t most_segments = 10'000;  ///< likewise, and each a state on the disk
    bool once = false;                     ///< ends with the first lease
};

/// The file in an order's folder that holds a Rental.
inline constexpr const char* rental_record = "rental.json";

/// What a provider has to remember of a lease that runs: everything else the ledger and the
/// trainer's files know.
struct Rental {
    std::uint64_t bid_until_ms{};  ///< when a bid that is not seen cannot come any more
    market::LeaseId lease;
    std::uint64_t paid_s{};       ///< by the last voucher
    ledger::Signature signature;  ///< of that
    market::Heartbeat last;       ///< that was said; seq 0 before the first
    std::uint64_t busy_ms{};      ///< of earlier runs of the trainer
    bool finished = false;        ///< the trainer came to its end
    std::string failure;          ///< why the job cannot be done; empty: it can
};
MILLRACE_DESCRIBE(Rental,
                  (bid_until_ms, lease, paid_s, signature, last, busy_ms, finished, failure))

/// The provider's side of one order, from its bid to the end of the lease. Follows what the ledger
/// says, so that it can be taken up again after a crash at any point. One thread.
class LeaseProvider {
public:
    LeaseProvider(const Party& party, const ServeOptions& options, const market::GpuOrderId& id);
    ~LeaseProvider();

    /// Writes down in its folder that there may be a bid for an order: before it is sent.
    static void remember(const std::filesystem::path& folder, std::uint64_t until_ms);
    static bool remembers(const std::filesystem::path& folder);
    /// Whether a bid of this account under an offer waits for an order.
    static bool has_bid(const Party& party, const market::GpuOrderId& order,
                        const market::GpuOfferId& offer);

    /// Does what is due; whether it is over.
    bool tick();
    /// {"order","lease","status","outcome","paidS"} once it is.
    const json& report() const { return report_; }
    /// Ends the trainer in an orderly way, to be gone on with.
    void suspend();

private:
    std::filesystem::path path(const char* name) const { return folder_ / name; }
    void keep() const;
    void listen();
    void say_again();
    void take_voucher();
    bool lose();
    bool wait_for_acceptance();
    bool open();
    void open_sealed();
    void start();
    void run();
    void work();
    void beat(std::uint64_t now_ms);
    void commit(bool all);
    void claim(bool all);
    void close(market::CloseReason reason);
    market::CloseReason finished_reason() const;
    void bring_result();
    void check();
    void serve_requests();
    void serve(const ledger::Address& who, const rental::RequestNote& request);
    void reveal();
    void end();
    std::vector<ledger::Hash> commitments() const;
    std::filesystem::path state_of(std::uint64_t segment) const;
    void say_failed(const std::string& reason);

    const Party& party_;
    const ServeOptions& options_;
    market::GpuOrderId id_;
    market::GpuOrder order_;  ///< its window is the network's where none was named
    ledger::Address tenant_;
    std::filesystem::path folder_;
    rental::Meeting meeting_;
    Rental rental_;
    market::Lease lease_;
    market::LeaseMeter meter_;
    std::optional<rental::OpenJob> job_;
    std::unique_ptr<rental::Worker> worker_;
    bool said_key_ = false;
    bool said_failure_ = false;
    std::uint64_t said_seq_ = 0;            ///< of the heartbeat that this run has said last
    unsigned interruptions_ = 0;            ///< of the trainer by somebody else
    std::optional<std::uint64_t> brought_;  ///< the segment whose state the tenant has been given
    Attempts attempt_;
    std::uint32_t threads_ = 1;
    std::uint64_t committed_ms_ = 0;
    std::uint64_t claimed_ms_ = 0;
    std::uint64_t asked_ms_ = 0;
    /// The newest that was heard: it may be of a start that this side has not seen yet.
    std::optional<rental::VoucherNote> voucher_;
    std::map<ledger::Address, std::map<std::uint64_t, rental::RequestNote>> requests_;
    std::set<std::pair<ledger::Address, std::uint64_t>> served_;
    json report_;
};

}  // namespace wallet::cli
