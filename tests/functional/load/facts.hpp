#pragma once

#include "ledger/base/hex.hpp"
#include "market/messages/channel.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

namespace load {

/// What the node has answered, a line each, for the test to compare with what it knows after the
/// crash. Any thread.
class Facts {
public:
    explicit Facts(const std::string& folder)
        : file_{::open((folder + "/facts").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0644)}
    {
    }
    ~Facts() { ::close(file_); }
    Facts(const Facts&) = delete;
    Facts& operator=(const Facts&) = delete;

    /// `took`: from the request to the answer.
    void final_transaction(const ledger::TxId& id, ledger::Height height,
                           std::chrono::microseconds took)
    {
        write("final " + ledger::to_hex0x(id.view()) + " " + std::to_string(height.value) + " " +
              std::to_string(took.count()));
    }
    void paid(const market::UsageReceipt& receipt)
    {
        write("paid " + ledger::to_hex0x(receipt.channel_id.view()) + " " +
              std::to_string(receipt.seq) + " " +
              std::to_string(receipt.charged_cumulative.micros()));
    }
    /// The receipt of a call that a transfer paid for; its channel is the authorization's digest.
    void paid_alone(const market::UsageReceipt& receipt)
    {
        write("alone " + ledger::to_hex0x(receipt.channel_id.view()) + " " +
              std::to_string(receipt.charged.micros()));
    }
    /// How many requests this run has spoiled.
    void faults_made(std::uint64_t count) { write("faults " + std::to_string(count)); }
    /// A promise broken already.
    void fault(const std::string& what)
    {
        ++faults_;
        write("fault " + what);
    }
    unsigned faults() const { return faults_; }

private:
    void write(std::string line)
    {
        line += "\n";
        const std::lock_guard lock{mutex_};
        if (::write(file_, line.data(), line.size()) < 0) ++faults_;
    }

    int file_;
    std::mutex mutex_;
    std::atomic<unsigned> faults_ = 0;
};

}  // namespace load
