/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of descend in plain C, for the including file's tier. Each form has a loop of its
 * own, so that the compiler sees no choice inside it. */
#include <math.h>

#include "kernel/compiler.h"
#include "kernel/descend.h"

static void decay_weights(float *restrict w, float decay, size_t count)
{
    if (decay == 0) return;
    for (size_t i = 0; i < count; ++i) w[i] -= w[i] * decay;
}

static MG_ALWAYS_INLINE void move_with_momentum(const mg_descent *how, float *restrict w,
                                                const float *restrict g, float *restrict m,
                                                bool nesterov, size_t count)
{
    const float rate = how->rate, momentum = how->momentum;
    for (size_t i = 0; i < count; ++i) {
        const float push = g[i] * rate;
        m[i] = m[i] * momentum - push;
        w[i] += nesterov ? m[i] * momentum - push : m[i];
    }
}

static void momentum(const mg_descent *how, const mg_descent_slots *at, size_t count)
{
    float *restrict w = at->weights;
    const float *restrict g = at->gradients;
    const float rate = how->rate;
    decay_weights(w, how->decay, count);
    if (at->slots[0] == NULL)
        for (size_t i = 0; i < count; ++i) w[i] -= g[i] * rate;
    else if (how->nesterov)
        move_with_momentum(how, w, g, at->slots[0], true, count);
    else
        move_with_momentum(how, w, g, at->slots[0], false, count);
}

static MG_ALWAYS_INLINE void move_by_adam(const mg_descent *how, float *restrict w,
                                          const float *restrict g, float *restrict m,
                                          float *restrict v, float *restrict most, bool greatest,
                                          size_t count)
{
    const float rate = how->rate, epsilon = how->epsilon;
    const float take_gradient = how->take_gradient, take_velocity = how->take_velocity;
    for (size_t i = 0; i < count; ++i) {
        m[i] += (g[i] - m[i]) * take_gradient;
        v[i] += (g[i] * g[i] - v[i]) * take_velocity;
        float size = v[i];
        if (greatest) {
            size = most[i] > size ? most[i] : size;
            most[i] = size;
        }
        w[i] -= m[i] * rate / (sqrtf(size) + epsilon);
    }
}

static void adam(const mg_descent *how, const mg_descent_slots *at, size_t count)
{
    decay_weights(at->weights, how->decay, count);
    if (at->slots[2] == NULL)
        move_by_adam(how, at->weights, at->gradients, at->slots[0], at->slots[1], NULL, false,
                     count);
    else
        move_by_adam(how, at->weights, at->gradients, at->slots[0], at->slots[1], at->slots[2],
                     true, count);
}

static MG_ALWAYS_INLINE void move_by_root(const mg_descent *how, float *restrict w,
                                          const float *restrict g, float *restrict v,
                                          float *restrict m, float *restrict a, bool moment,
                                          bool centered, size_t count)
{
    const float rate = how->rate, epsilon = how->epsilon, keep = how->keep_velocity;
    const float take = how->take_velocity, momentum = how->momentum;
    for (size_t i = 0; i < count; ++i) {
        v[i] = keep * v[i] + take * (g[i] * g[i]);
        float size = v[i];
        if (centered) {
            a[i] = keep * a[i] + take * g[i];
            size -= a[i] * a[i];
        }
        float step = rate * g[i] / sqrtf(size + epsilon);
        if (moment) {
            m[i] = momentum * m[i] + step;
            step = m[i];
        }
        w[i] -= step;
    }
}

static void root_mean_square(const mg_descent *how, const mg_descent_slots *at, size_t count)
{
    float *w = at->weights, *v = at->slots[0], *m = at->slots[1], *a = at->slots[2];
    const float *g = at->gradients;
    decay_weights(w, how->decay, count);
    if (m != NULL && a != NULL)
        move_by_root(how, w, g, v, m, a, true, true, count);
    else if (m != NULL)
        move_by_root(how, w, g, v, m, NULL, true, false, count);
    else if (a != NULL)
        move_by_root(how, w, g, v, NULL, a, false, true, count);
    else
        move_by_root(how, w, g, v, NULL, NULL, false, false, count);
}
