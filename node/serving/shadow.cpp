#include "node/serving/shadow.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace node {
namespace {

using inference::DataType;
using inference::Tensor;

constexpr unsigned at_once = 2;

template <class Float>
bool close(ledger::ByteView one, ledger::ByteView other, double tolerance)
{
    for (std::size_t at = 0; at < one.size(); at += sizeof(Float)) {
        Float a, b;
        std::memcpy(&a, one.data() + at, sizeof a);
        std::memcpy(&b, other.data() + at, sizeof b);
        if (a == b || (std::isnan(a) && std::isnan(b))) continue;
        if (!(std::abs(static_cast<double>(a) - static_cast<double>(b)) <= tolerance)) return false;
    }
    return true;
}

bool same(const Tensor& one, const Tensor& other, double tolerance)
{
    if (one.name != other.name || one.type != other.type || one.shape != other.shape ||
        one.data.size() != other.data.size())
        return false;
    if (one.type == DataType::FP32) return close<float>(one.data, other.data, tolerance);
    if (one.type == DataType::FP64) return close<double>(one.data, other.data, tolerance);
    return one.data == other.data;
}

}  // namespace

bool same_answers(std::span<const Tensor> one, std::span<const Tensor> other, double tolerance)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](const auto& a, const auto& b) { return same(a, b, tolerance); });
}

bool is_shadowed(const ServedModel& model, const ServedVersion& answered)
{
    return model.shadow.ver.value != 0 && model.shadow.ver != answered.ver &&
           model.use->shadows.next_of(model.shadow.percent);
}

void send_to_shadow(const ServedModel& model, AnsweredCall call,
                    std::chrono::steady_clock::time_point deadline, Metrics& metrics)
{
    const auto at = model.versions.find(model.shadow.ver);
    if (at == model.versions.end()) return;
    const auto ver = std::to_string(model.shadow.ver.value);
    auto& pool = *at->second->pool;
    const auto dropped = [&] { metrics.shadow_compared(model.name, ver, ShadowOutcome::dropped); };
    if (pool.stats().waiting != 0) return dropped();
    if (model.use->shadows_running.fetch_add(1) >= at_once) {
        --model.use->shadows_running;
        return dropped();
    }
    inference::PoolRequest request{std::move(call.inputs), std::move(call.output_names), {}};
    request.control.deadline = deadline;
    const auto queued = pool.submit(
        std::move(request),
        [use = model.use, name = model.name, ver, expected = std::move(call.outputs),
         tolerance = model.shadow.tolerance, &metrics](const inference::PoolAnswer& answer) {
            --use->shadows_running;
            auto outcome = ShadowOutcome::failed;
            if (answer.outcome)
                outcome = same_answers(expected, *answer.outcome, tolerance)
                              ? ShadowOutcome::equal
                              : ShadowOutcome::differs;
            metrics.shadow_compared(name, ver, outcome);
        });
    if (queued) return;
    --model.use->shadows_running;
    dropped();
}

}  // namespace node
