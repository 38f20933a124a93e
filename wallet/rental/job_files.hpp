#pragma once

#include "market/messages/lease.hpp"
#include "wallet/rental/meeting.hpp"
#include "wallet/rental/pour.hpp"

namespace wallet::rental {

/// Names of the items of a job's batch.
inline constexpr const char* model_item = "model.onnx";
inline constexpr const char* job_item = "job.json";
/// And of those of a state or a result.
inline constexpr const char* state_item = "state";
inline constexpr const char* opening_item = "opening.json";

/// The sealed batches of an order's job, as they came from the board. Which of several is the job
/// that the order names is seen when they are open.
struct SealedJob {
    std::vector<BatchFolder> jobs;
    std::vector<BatchFolder> data;
};

/// Fetches them into folders below `folder`; `not_found` while nobody of `from` has brought data
/// that are the order's, or a job; `refused` when all together are above `most_bytes`. Each of
/// `from` is heard for itself: nobody can hide what another brought.
Outcome<SealedJob> fetch_job(Meeting& meeting, const market::GpuOrder& order,
                             const std::vector<ledger::Address>& from,
                             const std::filesystem::path& folder, std::uint64_t most_bytes,
                             const BeginTelling& begin);

/// A job that this party can execute: the model and the job file as files, the data sealed still.
struct OpenJob {
    std::filesystem::path model;
    std::filesystem::path job;
    BatchManifest job_manifest;
    ledger::SecretKey job_key;
    std::vector<KeyedBatch> data;

    /// What Worker::Options::input takes: opens the data in memory. This must outlive it.
    std::function<ledger::Result<void>(const Put&)> pourer();
    /// For Meeting::give.
    std::vector<std::pair<BatchManifest, const ledger::SecretKey*>> keys() const;
};

/// `not_found` while a key has not been given, `unverified` when no job that opens is the one that
/// the order names: the fault is the tenant's then.
Outcome<OpenJob> open_job(const Meeting& meeting, const market::GpuOrder& order, SealedJob sealed,
                          const std::filesystem::path& folder);

}  // namespace wallet::rental
