#include "node/transport/inbound_budget.hpp"

#include <utility>

namespace node {

InboundBudget::Lease::Lease(Lease&& other) noexcept
    : from_{std::move(other.from_)}, bytes_{std::exchange(other.bytes_, 0)}
{
}

InboundBudget::Lease& InboundBudget::Lease::operator=(Lease&& other) noexcept
{
    if (this == &other) return *this;
    release();
    from_ = std::move(other.from_);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
}

bool InboundBudget::Lease::resize(std::size_t bytes)
{
    if (!from_ || !from_->change(bytes_, bytes)) return false;
    bytes_ = bytes;
    return true;
}

void InboundBudget::Lease::release()
{
    if (from_) from_->change(bytes_, 0);
    from_.reset();
    bytes_ = 0;
}

std::size_t InboundBudget::used() const
{
    const std::lock_guard lock{mutex_};
    return used_;
}

void InboundBudget::on_room(std::function<void()> call)
{
    const std::lock_guard lock{mutex_};
    on_room_ = std::move(call);
}

bool InboundBudget::change(std::size_t from, std::size_t to)
{
    const std::lock_guard lock{mutex_};
    if (to > from && used_ + (to - from) > limit_) {
        refused_ = true;
        return false;
    }
    used_ = used_ - from + to;
    if (to < from && std::exchange(refused_, false) && on_room_) on_room_();
    return true;
}

}  // namespace node
