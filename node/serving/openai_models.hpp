#pragma once

#include "inference/remote/backend.hpp"
#include "market/ids.hpp"
#include "node/serving/tiers.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace node {

/// Threads that wait for another server's answers, behind a bounded queue.
class CallThreads {
public:
    CallThreads(unsigned threads, std::size_t queue);
    /// As close().
    ~CallThreads();
    CallThreads(const CallThreads&) = delete;
    CallThreads& operator=(const CallThreads&) = delete;

    /// False when the queue is full or closed; `work` is not called then.
    [[nodiscard]] bool submit(std::function<void()> work);
    /// Drops what waits, which must cope with that, and lets what runs finish.
    void close();

private:
    void run();

    const std::size_t queue_slots_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

/// A model that an OpenAI-compatible server runs. Without `model` it is not on the ledger and free.
struct OpenAiModel {
    std::string name;
    std::optional<market::ModelId> model;
    market::Version ver{1};
    std::string remote;  ///< its name there
    std::shared_ptr<inference::Backend> backend;
    std::shared_ptr<CallThreads> threads;
    Tiers tiers = {};  ///< of a model that has a price
};

/// Those that this node serves. Filled before the server starts, read by any thread after.
class OpenAiModels {
public:
    /// False when the name is taken.
    bool add(OpenAiModel);
    const OpenAiModel* find(std::string_view name) const;
    /// The one that a call means which names none; null when there are several, or none.
    const OpenAiModel* only() const;
    const std::map<std::string, OpenAiModel, std::less<>>& all() const { return models_; }
    /// Waits for the calls that run.
    void close();

private:
    std::map<std::string, OpenAiModel, std::less<>> models_;
};

}  // namespace node
