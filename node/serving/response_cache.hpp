#pragma once

#include "inference/protocol/infer_request.hpp"
#include "ledger/base/ids.hpp"
#include "market/ids.hpp"

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace node {

/// What a run gave, kept before it is rendered: each caller's answer has her own id and form.
struct KeptAnswer {
    std::vector<inference::Tensor> outputs;
    std::chrono::nanoseconds infer{};  ///< of that run; what a price by time counts
};

/// Answers by the whole SHA-256 of what decides them: content of the model, inputs, outputs and
/// parameters. Keeps a bounded number of bytes, the longest unused go first. Any thread.
class ResponseCache {
public:
    explicit ResponseCache(std::size_t bytes) : limit_{bytes} {}

    /// `id`, `priority`, `timeout` and the form of the outputs do not matter.
    static ledger::Hash key(const market::ContentId&, const inference::InferRequest&);

    /// Null when there is none.
    std::shared_ptr<const KeptAnswer> find(const ledger::Hash& key);
    /// Does nothing for an answer larger than an eighth of all.
    void keep(const ledger::Hash& key, KeptAnswer answer);

    void set_limit(std::size_t bytes);
    std::size_t bytes() const;

private:
    struct Place {
        std::shared_ptr<const KeptAnswer> answer;
        std::size_t bytes = 0;
        std::list<ledger::Hash>::iterator use;
    };
    void shrink();

    mutable std::mutex mutex_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    std::map<ledger::Hash, Place> places_;
    std::list<ledger::Hash> uses_;  ///< the longest unused first
};

}  // namespace node
