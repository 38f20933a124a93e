#pragma once

#include "wallet/cli/progress.hpp"
#include "wallet/cli/rental/party.hpp"

namespace wallet::cli {

/// What is wanted of a job that was made ready in a folder.
struct RentOptions {
    WorkOptions work;
    market::GpuOrder order;                   ///< job and beacon are filled in
    std::vector<std::filesystem::path> data;  ///< sealed batches; opened by `masters`
    std::uint64_t bids_s = 10;                ///< that bids are waited for after the first one
    std::uint64_t patience_s = 600;           ///< until a first one
    std::uint64_t trust_s = 300;              ///< that time is paid for after the last checkpoint
};

/// What a tenant has to remember; everything else the ledger knows.
struct Tenancy {
    market::GpuOrder wanted;  ///< as it is sent; no steps before that
    std::uint64_t sent_ms{};  ///< when it was sent last
    market::GpuOrderId order;
    std::uint64_t first_bid_ms{};
    market::Heartbeat last;  ///< that was accepted; seq 0 before the first
    std::uint64_t heard_ms{};
    bool has_result = false;
};
MILLRACE_DESCRIBE(Tenancy, (wanted, sent_ms, order, first_bid_ms, last, heard_ms, has_result))

/// The tenant's side of one order, from the bids to the end of the lease. Follows what the ledger
/// says, so that it can be taken up again after a crash at any point. One thread.
///
/// Its folder: job/ (model and job file), job-batch/, data-N/ (sealed), tenant.json, and at the end
/// model.onnx.
class LeaseTenant {
public:
    LeaseTenant(const Party& party, const RentOptions& options);
    ~LeaseTenant();

    /// Whether something was ordered from a folder, or may have been.
    static bool has_ordered(const std::filesystem::path& folder);

    /// Orders, unless that was done. `refused` by the rules: nothing was ordered.
    void order();
    /// Does what is due; whether it is over.
    bool tick();

    const market::GpuOrderId& id() const { return tenancy_.order; }
    const market::Lease& lease() const { return lease_; }
    bool has_result() const { return tenancy_.has_result; }
    /// Why it is over without a lease; empty: it is not.
    const std::optional<Failure>& given_up() const { return given_up_; }
    std::filesystem::path model() const { return path("model.onnx"); }

private:
    std::filesystem::path path(const char* name) const { return options_.work.folder / name; }
    void keep() const;
    void enter();
    bool is_as_wanted() const;
    bool give_up(Failure why);
    std::optional<market::GpuOrderId> order_made() const;
    bool choose();
    void listen();
    void give_keys();
    void take_heartbeats();
    bool is_trusted(std::uint64_t now_ms);
    std::uint64_t accept_margin_ms() const;
    void pay();
    bool check();
    void fetch_result();
    void reveal_decoys(const market::Verification& verification);
    rental::OpenJob opened() const;

    const Party& party_;
    const RentOptions& options_;
    Tenancy tenancy_;
    market::GpuOrder order_;
    std::unique_ptr<rental::Meeting> meeting_;
    market::LeaseId lease_id_;
    market::Lease lease_;
    market::LeaseMeter meter_;
    /// Heard, not accepted yet, and what providers say is wrong.
    std::map<ledger::Address, std::vector<rental::HeartbeatNote>> heartbeats_;
    std::map<ledger::Address, std::string> failures_;
    bool told_failure_ = false;
    bool has_entered_ = false;
    std::optional<Failure> given_up_;
    Attempts attempt_;
    std::optional<ledger::X25519PublicKey> given_to_;
    std::uint64_t said_s_ = 0;
    std::uint64_t segments_ = 0;
    std::uint64_t segments_ms_ = 0;
    std::uint64_t asked_ms_ = 0;
    std::uint64_t began_ms_ = 0;
    std::optional<ProgressBar> bar_;
};

}  // namespace wallet::cli
