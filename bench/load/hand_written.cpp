#include "bench/load/hand_written.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace bench {
namespace {

at::Tensor weight(std::vector<std::int64_t> sizes, double spread)
{
    return (at::rand(sizes, at::kFloat) * (2 * spread) - spread).set_requires_grad(true);
}

class Mlp final : public HandWritten {
public:
    at::Tensor logits(const at::Tensor& x) const override
    {
        return at::addmm(b2_, at::relu(at::addmm(b1_, x, w1_)), w2_);
    }
    std::vector<at::Tensor> parameters() const override { return {w1_, b1_, w2_, b2_}; }
    std::vector<std::int64_t> input_shape() const override { return {784}; }

private:
    at::Tensor w1_ = weight({784, 128}, 0.05);
    at::Tensor b1_ = weight({128}, 0.05);
    at::Tensor w2_ = weight({128, 10}, 0.1);
    at::Tensor b2_ = weight({10}, 0.1);
};

class Cnn final : public HandWritten {
public:
    at::Tensor logits(const at::Tensor& x) const override
    {
        const auto layer = [](const at::Tensor& from, const at::Tensor& w, const at::Tensor& b) {
            return at::max_pool2d(at::relu(at::conv2d(from, w, b, 1, 2)), 2, 2);
        };
        const auto flat = layer(layer(x, w1_, b1_), w2_, b2_).flatten(1);
        return at::addmm(b3_, flat, w3_);
    }
    std::vector<at::Tensor> parameters() const override { return {w1_, b1_, w2_, b2_, w3_, b3_}; }
    std::vector<std::int64_t> input_shape() const override { return {1, 28, 28}; }

private:
    at::Tensor w1_ = weight({8, 1, 5, 5}, 0.2);
    at::Tensor b1_ = weight({8}, 0.2);
    at::Tensor w2_ = weight({16, 8, 5, 5}, 0.1);
    at::Tensor b2_ = weight({16}, 0.1);
    at::Tensor w3_ = weight({784, 10}, 0.05);
    at::Tensor b3_ = weight({10}, 0.05);
};

class Transformer final : public HandWritten {
public:
    at::Tensor logits(const at::Tensor& input) const override
    {
        auto x = input;
        for (const auto& layer : layers_) x = layer.of(x);
        return at::addmm(bias_, x.mean(1), out_);
    }
    std::vector<at::Tensor> parameters() const override
    {
        std::vector<at::Tensor> all{out_, bias_};
        for (const auto& layer : layers_)
            all.insert(all.end(),
                       {layer.q, layer.k, layer.v, layer.o, layer.up, layer.up_bias, layer.down,
                        layer.down_bias, layer.scale1, layer.shift1, layer.scale2, layer.shift2});
        return all;
    }
    std::vector<std::int64_t> input_shape() const override
    {
        return {Sequence::steps, Sequence::width};
    }

private:
    struct Layer {
        at::Tensor q = weight({Sequence::width, Sequence::width}, 0.1);
        at::Tensor k = weight({Sequence::width, Sequence::width}, 0.1);
        at::Tensor v = weight({Sequence::width, Sequence::width}, 0.1);
        at::Tensor o = weight({Sequence::width, Sequence::width}, 0.1);
        at::Tensor up = weight({Sequence::width, 4 * Sequence::width}, 0.1);
        at::Tensor up_bias = weight({4 * Sequence::width}, 0.1);
        at::Tensor down = weight({4 * Sequence::width, Sequence::width}, 0.05);
        at::Tensor down_bias = weight({Sequence::width}, 0.05);
        at::Tensor scale1 = at::ones({Sequence::width}).set_requires_grad(true);
        at::Tensor shift1 = at::zeros({Sequence::width}).set_requires_grad(true);
        at::Tensor scale2 = at::ones({Sequence::width}).set_requires_grad(true);
        at::Tensor shift2 = at::zeros({Sequence::width}).set_requires_grad(true);

        at::Tensor of(const at::Tensor& x) const
        {
            const auto split = [](const at::Tensor& from) {
                return from
                    .reshape(
                        {-1, Sequence::steps, Sequence::heads, Sequence::width / Sequence::heads})
                    .permute({0, 2, 1, 3});
            };
            const auto weights = at::softmax(
                at::matmul(split(at::matmul(x, q)), split(at::matmul(x, k)).transpose(2, 3)) /
                    std::sqrt(static_cast<double>(Sequence::width / Sequence::heads)),
                -1);
            const auto mixed = at::matmul(weights, split(at::matmul(x, v)))
                                   .permute({0, 2, 1, 3})
                                   .reshape({-1, Sequence::steps, Sequence::width});
            const auto first =
                at::layer_norm(x + at::matmul(mixed, o), {Sequence::width}, scale1, shift1, 1e-5);
            const auto wide = at::relu(at::matmul(first, up) + up_bias);
            return at::layer_norm(first + at::matmul(wide, down) + down_bias, {Sequence::width},
                                  scale2, shift2, 1e-5);
        }
    };
    std::vector<Layer> layers_{2};
    at::Tensor out_ = weight({Sequence::width, 10}, 0.1);
    at::Tensor bias_ = weight({10}, 0.1);
};

}  // namespace

std::unique_ptr<HandWritten> hand_written_mlp()
{
    return std::make_unique<Mlp>();
}

std::unique_ptr<HandWritten> hand_written_cnn()
{
    return std::make_unique<Cnn>();
}

std::unique_ptr<HandWritten> hand_written_transformer()
{
    return std::make_unique<Transformer>();
}

}  // namespace bench
