// What CUDA has and Heddle refuses: declared so that a use is an error at the user's line which says so.
#pragma once

#include <heddle/keywords.h>

typedef unsigned long long cudaTextureObject_t;
typedef unsigned long long cudaSurfaceObject_t;

#define __HEDDLE_REFUSED(what) __attribute__((unavailable(what " are not supported by Heddle")))

enum { cudaTextureType1D = 1, cudaTextureType2D = 2, cudaTextureType3D = 3, cudaTextureTypeCubemap = 12 };
enum cudaTextureReadMode { cudaReadModeElementType = 0, cudaReadModeNormalizedFloat = 1 };
enum cudaSurfaceBoundaryMode {
    cudaBoundaryModeZero = 0,
    cudaBoundaryModeClamp = 1,
    cudaBoundaryModeTrap = 2
};
template <class T, int dimensions = 1, int mode = 0>
struct __HEDDLE_REFUSED("texture references") texture {};
template <class T, int dimensions = 1>
struct __HEDDLE_REFUSED("surface references") surface {};

// So that a refused call gives one error, not a second about its result's type.
struct __heddle_anything {
    template <class T>
    __attribute__((device)) operator T() const;
};
// Object form: T is given; pointer and reference forms: T is left out.
#define __HEDDLE_REFUSED_FETCH(name, what)                     \
    template <class T = __heddle_anything, class... Arguments> \
    __attribute__((device)) T name(Arguments...) __HEDDLE_REFUSED(what);
#define __HEDDLE_TEXTURE(name) __HEDDLE_REFUSED_FETCH(name, "textures")
#define __HEDDLE_SURFACE(name)                     \
    __HEDDLE_REFUSED_FETCH(name##read, "surfaces") \
    __HEDDLE_REFUSED_FETCH(name##write, "surfaces")
__HEDDLE_TEXTURE(tex1D)
__HEDDLE_TEXTURE(tex1Dfetch)
__HEDDLE_TEXTURE(tex1DLod)
__HEDDLE_TEXTURE(tex1DGrad)
__HEDDLE_TEXTURE(tex1DLayered)
__HEDDLE_TEXTURE(tex1DLayeredLod)
__HEDDLE_TEXTURE(tex1DLayeredGrad)
__HEDDLE_TEXTURE(tex2D)
__HEDDLE_TEXTURE(tex2DLod)
__HEDDLE_TEXTURE(tex2DGrad)
__HEDDLE_TEXTURE(tex2Dgather)
__HEDDLE_TEXTURE(tex2DLayered)
__HEDDLE_TEXTURE(tex2DLayeredLod)
__HEDDLE_TEXTURE(tex2DLayeredGrad)
__HEDDLE_TEXTURE(tex3D)
__HEDDLE_TEXTURE(tex3DLod)
__HEDDLE_TEXTURE(tex3DGrad)
__HEDDLE_TEXTURE(texCubemap)
__HEDDLE_TEXTURE(texCubemapLod)
__HEDDLE_TEXTURE(texCubemapLayered)
__HEDDLE_SURFACE(surf1D)
__HEDDLE_SURFACE(surf2D)
__HEDDLE_SURFACE(surf3D)
__HEDDLE_SURFACE(surf1DLayered)
__HEDDLE_SURFACE(surf2DLayered)
__HEDDLE_SURFACE(surfCubemap)
__HEDDLE_SURFACE(surfCubemapLayered)
#undef __HEDDLE_SURFACE
#undef __HEDDLE_TEXTURE
#undef __HEDDLE_REFUSED_FETCH
