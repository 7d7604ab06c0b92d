//Maya ASCII 2022 scene
//Name: take.ma
//toon, 641 frames at 24000/1001 a second
//Codeset: UTF-8
requires maya "2022";
currentUnit -l centimeter -a degree -t 23.976fps;
fileInfo "application" "maya";
createNode transform -n "toon_controls";
createNode transform -n "jaw" -p "toon_controls";
	setAttr ".t" -type "double3" 0 0 0 ;
	setAttr ".mntl" -type "double3" 0 -1 0 ;
	setAttr ".mxtl" -type "double3" 0 1 0 ;
	setAttr ".mtye" yes;
	setAttr ".xtye" yes;
createNode transform -n "up_lid" -p "toon_controls";
	setAttr ".t" -type "double3" 0 0.8 0 ;
	setAttr ".mntl" -type "double3" 0 0 0 ;
	setAttr ".mxtl" -type "double3" 0 1 0 ;
	setAttr ".mtye" yes;
	setAttr ".xtye" yes;
createNode transform -n "head" -p "toon_controls";
	setAttr ".r" -type "double3" 0 0 0 ;
	setAttr ".mnrl" -type "double3" -40 0 0 ;
	setAttr ".mxrl" -type "double3" 40 0 0 ;
	setAttr ".mrxe" yes;
	setAttr ".xrxe" yes;
createNode audio -n "Zeile__eins__sound";
	setAttr ".o" 12.988011988011989;
	setAttr ".ef" 653.988011988012;
	setAttr ".se" 641;
	setAttr ".f" -type "string" "Zeile „eins“.wav";
createNode script -n "sceneConfigurationScriptNode";
	setAttr ".b" -type "string" "playbackOptions -min 1 -max 641 -ast 1 -aet 641 ";
	setAttr ".st" 6;
createNode animCurveTL -n "jaw_translateY";
	setAttr ".tan" 18;
	setAttr ".wgt" no;
	setAttr -s 4 ".ktv[0:3]"  1 0 13 -0.7421875 21 -1 38.5 0.1;
	setAttr -s 4 ".kit[0:3]"  18 18 2 1;
	setAttr -s 4 ".kot[0:3]"  18 3 5 1;
	setAttr -s 4 ".ktl[0:3]"  yes no no no;
	setAttr -s 4 ".kix[0:3]"  1 0.6405619812272302 0.7913089055316918 0.6246950475544243;
	setAttr -s 4 ".kiy[0:3]"  0 -0.7679064710016745 -0.6114165650571107 -0.7808688094430304;
	setAttr -s 4 ".kox[0:3]"  1 1 1 0.9486832980505138;
	setAttr -s 4 ".koy[0:3]"  0 0 0 0.3162277660168379;
connectAttr "jaw_translateY.o" "jaw.ty";
// End of take.ma
